package io.hasqlite.sample;

import java.util.Locale;
import java.util.stream.Collectors;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.util.HtmlUtils;

/** The page at "/": this node, its state and its rows. Whatever comes from a file is escaped. */
@RestController
class HomePage {

  private static final String PAGE =
      """
      <!DOCTYPE html>
      <html lang="en">
      <meta charset="utf-8">
      <title>%1$s</title>
      <link rel="stylesheet" href="/shop.css">
      <script src="/shop.js" defer></script>
      <main>
      <h1>Shop on <b id="node">%1$s</b></h1>
      <p>Replication: <b id="state" class="%2$s">%2$s</b>,
      position <b id="position">%3$d</b> of %4$d, %5$d behind. %6$s</p>
      <table><tr><th>Artist<th>Album<th>Track<th>Price<th>Stock<th></tr>
      %7$s
      </table>
      <h2>Rows in this node's file</h2>
      <table>%8$s</table>
      </main>
      </html>
      """;

  private final NodeState node;
  private final ProductController products;

  HomePage(NodeState node, ProductController products) {
    this.node = node;
    this.products = products;
  }

  @GetMapping(path = "/", produces = MediaType.TEXT_HTML_VALUE)
  ResponseEntity<String> page() {
    NodeState.View view = node.view();
    String tracks = products.list().stream().map(HomePage::row).collect(Collectors.joining("\n"));
    String rows =
        view.rows().entrySet().stream()
            .map(table -> "<tr><td>" + escape(table.getKey()) + "<td>" + table.getValue())
            .collect(Collectors.joining("\n"));
    return ResponseEntity.ok()
        .header("Content-Security-Policy", "default-src 'self'")
        .body(
            PAGE.formatted(
                escape(view.node()),
                view.state(),
                view.position(),
                view.streamLastSequence(),
                view.lagMessages(),
                view.problem() == null ? "" : escape(view.problem()),
                tracks,
                rows));
  }

  private static String row(Product product) {
    return "<tr data-id=\"%s\"><td>%s<td>%s<td>%s<td>%s<td>%d<td><button>Buy one</button>"
        .formatted(
            escape(product.id()),
            escape(product.artist()),
            escape(product.album()),
            escape(product.name()),
            String.format(Locale.ROOT, "%.2f", product.priceCents() / 100.0),
            product.stock());
  }

  private static String escape(String text) {
    return HtmlUtils.htmlEscape(text, "UTF-8");
  }
}
