package io.hasqlite.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.hasqlite.engine.ReplicationStatus.State;
import io.hasqlite.testing.NatsServerExtension;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;
import org.springframework.web.client.HttpServerErrorException;

/**
 * The page of node 1 in a real browser, beside nodes 2 and 3, of which the last is asynchronous.
 */
class PageIntegrationTests {

  private static final Path PICTURES = Path.of("target", "pictures");

  /** Counts on the page itself how often each element is marked as new. */
  private static final String COUNT_MARKS =
      """
      window.marks = [];
      document.addEventListener('DOMContentLoaded', () => new MutationObserver(changes => {
        for (const change of changes) {
          if (change.target.classList.contains('new') && !(change.oldValue ?? '').includes('new')) {
            marks.push(change.target.closest('[data-key]')?.dataset.key);
          }
          for (const node of change.addedNodes) {
            if (node.classList?.contains('new')) marks.push(node.dataset.key);
          }
        }
      }).observe(document, {subtree: true, childList: true, attributes: true,
                            attributeFilter: ['class'], attributeOldValue: true}));
      """;

  /** Returns the texts whose contrast is below what WCAG 2 asks for at level AA. */
  private static final String FAINT_TEXTS =
      """
      const parse = color => color.match(/[\\d.]+/g).map(Number);
      const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
          .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
          .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
      const behind = element => {
        for (let e = element; e; e = e.parentElement) {
          const color = parse(getComputedStyle(e).backgroundColor);
          if (color.length < 4 || color[3] === 1) return color;
        }
        return [255, 255, 255];
      };
      return [...document.body.querySelectorAll('*')]
          .filter(e => e.checkVisibility() && !e.closest('.hidden, .skip, :disabled'))
          .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
          .map(e => {
            const style = getComputedStyle(e);
            const a = light(parse(e.namespaceURI.endsWith('svg') ? style.fill : style.color));
            const b = light(behind(e));
            const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
            return {text: e.textContent.trim().slice(0, 40), ratio: Math.round(ratio * 100) / 100};
          })
          .filter(({ratio}) => ratio < 4.5)
          .map(({text, ratio}) => ratio + ' ' + text);
      """;

  @RegisterExtension static final NatsServerExtension nats = new NatsServerExtension();

  @TempDir static Path directory;

  static Browser browser;
  static ShopNode node1;
  static ShopNode node2;
  static ShopNode node3;

  @BeforeAll
  static void start() throws Exception {
    browser = Browser.start(Files.createDirectory(directory.resolve("browser")));
    browser.beforeEachPage(COUNT_MARKS);
    node2 = ShopNode.start("node2", directory, nats);
    node3 = ShopNode.start("node3", directory, nats, "--ha.sqlite.publisher.async=true");
    node1 =
        ShopNode.start(
            "node1",
            directory,
            nats,
            "--shop.nodes.node2=" + node2.address(),
            "--shop.nodes.node3=" + node3.address());
  }

  @AfterAll
  static void stop() {
    for (AutoCloseable each : new AutoCloseable[] {browser, node1, node3, node2}) {
      if (each != null) {
        try {
          each.close();
        } catch (Exception e) {
          throw new AssertionError(e);
        }
      }
    }
  }

  @BeforeEach
  void open() throws Exception {
    for (ShopNode node : List.of(node1, node2, node3)) {
      node.context().getBean(Burst.class).stop();
      node.database().resume();
    }
    node1.awaitAllOf(node2);
    node1.awaitAllOf(node3);
    browser.prefer(Map.of());
    browser.size(1280, 900);
    browser.open(node1.address());
    browser.eventually(
        () -> {
          assertThat(browser.all("#nodes .state.good")).hasSize(3);
          assertThat(browser.all("#nodes button:enabled")).hasSize(6);
          assertThat(browser.all("#tracks tbody tr")).hasSizeGreaterThanOrEqualTo(6);
        });
  }

  @AfterEach
  @DisplayName("The browser has nothing to complain about, and loaded nothing from elsewhere")
  void nothingIsWrong() {
    assertThat(browser.complaints()).isEmpty();
    assertThat(
            (List<?>)
                browser.script(
                    "return performance.getEntriesByType('resource').map(entry => entry.name)"))
        .isNotEmpty()
        .allSatisfy(name -> assertThat(name.toString()).startsWith(node1.address() + "/"));
  }

  @Test
  @DisplayName("All nodes are there with state and position")
  void nodes() throws Exception {
    browser.eventually(
        () -> {
          for (ShopNode node : List.of(node1, node2, node3)) {
            assertThat(card(node))
                .contains("running", "%,d".formatted(node.database().status().position()));
          }
        });
    assertThat(card(node1)).contains("this node");
    assertThat(browser.driver().getTitle()).isEqualTo("Shop on node1");
    assertThat(browser.text("#counts")).contains("artist\n3");
    assertThat(browser.one("#pages [aria-current]").getText()).isEqualTo("node1");
    assertThat(browser.all("#pages a").get(1).getDomAttribute("href")).isEqualTo(node2.address());
  }

  @Test
  @DisplayName("What another node writes arrives, and flashes; what was there does not")
  void anOrderArrives() throws Exception {
    Order order = node2.order("track-1", 2);

    browser.eventually(
        () -> assertThat(browser.text(keyed(order.id()))).contains("node2 sold 2 for 1.98"));
    browser.eventually(
        () -> {
          assertThat(stock("track-1")).isEqualTo("" + node2.product("track-1").stock());
          assertThat(((List<?>) browser.script("return marks")).stream().map(String::valueOf))
              .contains(order.id(), "track-1")
              .doesNotContain("track-2", "track-3");
        });
  }

  @Test
  @DisplayName("The mark of what is new is gone after a while, and moves nothing on request")
  void marks() throws Exception {
    browser.prefer(Map.of("prefers-reduced-motion", "reduce"));
    Order order = node2.order("track-1", 1);
    browser.eventually(
        () ->
            assertThat(
                    browser.script(
                        "const e = document.querySelector(arguments[0]);"
                            + "return e?.classList.contains('new') && getComputedStyle(e).animationName",
                        keyed(order.id())))
                .isEqualTo("none"));
    browser.eventually(() -> assertThat(browser.all(".new")).isEmpty());
  }

  @Test
  @DisplayName("What is bought, restocked and added on the page is on the other nodes")
  void writing() throws Exception {
    long before = node1.product("track-4").stock();
    button("Buy one: Princess of the Dawn").click();
    browser.eventually(
        () -> {
          assertThat(browser.text("#said")).isEqualTo("Bought Princess of the Dawn");
          assertThat(stock("track-4")).isEqualTo("" + (before - 1));
        });

    node2.jdbc().sql("UPDATE track SET stock = 0 WHERE id = 'track-6'").update();
    browser.eventually(() -> assertThat(stock("track-6")).isEqualTo("0"));
    button("Restock: Garota De Ipanema").click();
    browser.eventually(() -> assertThat(stock("track-6")).isEqualTo("100"));

    browser.one("#add").click();
    browser.eventually(
        () -> assertThat(browser.text("#tracks tbody tr")).startsWith("Made on node1 at"));

    node2.awaitAllOf(node1);
    assertThat(node2.product("track-4").stock()).isEqualTo(before - 1);
    assertThat(node2.product("track-6").stock()).isEqualTo(100);
    assertThat(node2.http().get().uri("/api/products").retrieve().body(String.class))
        .contains("Made on node1 at");
  }

  @Test
  @DisplayName("What a file holds is text on the page, never markup")
  void markup() throws Exception {
    String name = "<img src=x onerror=\"document.title='got you'\"><b>bold</b>";
    node2
        .http()
        .post()
        .uri("/api/products")
        .body(Map.of("albumId", "album-1", "name", name, "priceCents", 1, "stock", 1))
        .retrieve()
        .toBodilessEntity();

    browser.eventually(() -> assertThat(browser.text("#tracks")).contains(name));
    assertThat(browser.all("#tracks img, #tracks b")).isEmpty();
    assertThat(browser.driver().getTitle()).isEqualTo("Shop on node1");
    node2.jdbc().sql("DELETE FROM track WHERE name = ?").param(name).update();
    browser.eventually(() -> assertThat(browser.text("#tracks")).doesNotContain(name));
  }

  @Test
  @DisplayName("A node is paused, falls behind, refuses writes, is resumed and catches up")
  void pause() throws Exception {
    button("Pause, node2").click();
    browser.eventually(() -> assertThat(card(node2)).contains("paused"));
    assertThat(node2.database().status().state()).isEqualTo(State.PAUSED);

    node1.order("track-1", 1);
    node1.order("track-1", 1);
    browser.eventually(() -> assertThat(lag(node2)).isEqualTo(2));
    assertThatExceptionOfType(HttpServerErrorException.class)
        .isThrownBy(() -> node2.order("track-1", 1));
    button("Start a burst, node2").click();
    browser.eventually(() -> assertThat(browser.text("#said")).contains("Paused on this node"));

    button("Resume, node2").click();
    browser.eventually(
        () -> {
          assertThat(card(node2)).contains("running");
          assertThat(lag(node2)).isZero();
        });
    node2.awaitAllOf(node1);
    assertThat(node2.product("track-1")).isEqualTo(node1.product("track-1"));
    assertThat(browser.complaints()) // a refused write is an error of HTTP, which it tells
        .singleElement()
        .asString()
        .contains("/api/nodes/node2/burst", "503");
  }

  @Test
  @DisplayName("A conflict shows with the value that was overwritten")
  void conflicts() throws Exception {
    node1.awaitAllOf(node2);
    node1.awaitAllOf(node3);
    node3.awaitAllOf(node1);
    long seen = node3.product("track-3").stock();
    button("Pause, node3").click();
    browser.eventually(() -> assertThat(card(node3)).contains("paused"));

    node1.order("track-3", 7);
    node3.order("track-3", 1); // waits in its outbox, and knows nothing of the other
    button("Resume, node3").click();

    browser.eventually(
        () ->
            assertThat(browser.text("#conflicts > li"))
                .contains("node3 · track overwritten")
                .contains(
                    "Column \"stock\" was %d, its writer had seen %d".formatted(seen - 7, seen))
                .contains("name\nFast As a Shark"));
    assertThat(browser.text("#conflicts > li .overwritten")).isEqualTo("stock\n" + (seen - 7));
    assertThat(stock("track-3")).isEqualTo("" + (seen - 1));
    assertThat(Integer.parseInt(browser.text("#conflict-count"))).isPositive();
  }

  @Test
  @DisplayName("With the keyboard alone: skip to the tracks, buy twice, start a burst; focus stays")
  void keyboard() throws Exception {
    long before = node1.product("track-2").stock();
    browser.one("body").sendKeys(Keys.TAB);
    assertThat(focus()).isEqualTo("Skip to the tracks");
    browser.driver().switchTo().activeElement().sendKeys(Keys.ENTER);
    tabTo("Buy one: Put The Finger On You");
    for (int bought = 1; bought <= 2; bought++) {
      browser.driver().switchTo().activeElement().sendKeys(Keys.ENTER);
      String expected = "" + (before - bought);
      browser.eventually(() -> assertThat(stock("track-2")).isEqualTo(expected));
      assertThat(focus()).isEqualTo("Buy one: Put The Finger On You");
    }
    assertThat(
            browser.script(
                "const style = getComputedStyle(document.activeElement);"
                    + "return style.outlineStyle + ' ' + style.outlineWidth"))
        .isEqualTo("solid 3px");

    browser.one("#pages a").sendKeys(Keys.TAB);
    tabTo("Start a burst, node2");
    browser.driver().switchTo().activeElement().sendKeys(Keys.SPACE);
    browser.eventually(() -> assertThat(focus()).isEqualTo("Stop the burst, node2"));
    browser.eventually(
        () ->
            assertThat((Number) browser.script("return marks.length"))
                .satisfies(marks -> assertThat(marks.intValue()).isGreaterThan(3)));
    browser.eventually(
        () ->
            assertThat(highest("#throughput")).as("messages per second in the chart").isPositive());
    browser.driver().switchTo().activeElement().sendKeys(Keys.SPACE);
    browser.eventually(() -> assertThat(focus()).isEqualTo("Start a burst, node2"));
  }

  @Test
  @DisplayName("Every text is readable, in light and in dark; every button has a name")
  void readable() throws Exception {
    node2.order("track-1", 1);
    browser.eventually(() -> assertThat(browser.all("#orders > li")).isNotEmpty());
    browser.eventually(() -> assertThat(browser.all(".new")).isEmpty());

    assertThat((List<?>) browser.script(FAINT_TEXTS)).isEmpty();
    String light = background();
    browser.prefer(Map.of("prefers-color-scheme", "dark"));
    assertThat((List<?>) browser.script(FAINT_TEXTS)).isEmpty();
    assertThat(background()).isNotEqualTo(light);

    for (WebElement button : browser.all("button")) {
      assertThat(button.getAccessibleName()).isNotBlank();
    }
    assertThat(browser.one("#tracks").getAccessibleName()).isEqualTo("Tracks");
    assertThat(browser.one("#lag").getAccessibleName()).startsWith("Lag of each node");
    assertThat(browser.all("[aria-live], [role=status], [role=alert]")).hasSize(2);
  }

  @Test
  @DisplayName("On a phone nothing is wider than the screen, and buttons are large enough")
  void phone() throws Exception {
    browser.size(360, 740);
    browser.open(node1.address());
    browser.eventually(() -> assertThat(browser.all("#tracks tbody tr")).isNotEmpty());
    browser.eventually(() -> assertThat(browser.all("#lag path")).hasSize(3));

    assertThat(browser.script("return document.documentElement.scrollWidth")).isEqualTo(360L);
    assertThat(
            (List<?>)
                browser.script(
                    "return [...document.querySelectorAll('button, nav a')]"
                        + ".filter(e => e.getBoundingClientRect().height < 40).map(e => e.innerText)"))
        .isEmpty();
    browser.picture(360, PICTURES.resolve("phone.png"));
  }

  @Test
  @DisplayName("A node that stops says so on its page, and its page does not delay it")
  void stopping() throws Exception {
    ShopNode node4 = ShopNode.start("node4", directory, nats);
    browser.open(node4.address());
    browser.eventually(() -> assertThat(browser.all("#nodes > li")).hasSize(4));
    assertThat(browser.one("#connection").isDisplayed()).isFalse();

    node4.close();

    browser.eventually(
        () -> assertThat(browser.text("#connection")).startsWith("This node does not answer"));
    browser.open(node1.address());
    browser.complaints();
    browser.eventually(
        () -> assertThat(browser.text("#nodes > [data-key=node4] .state")).isEqualTo("away"));
    assertThat(node1.database().removePeer(new io.hasqlite.NodeId("node4"))).isTrue();
  }

  @Test
  @DisplayName("The picture of the README")
  void picture() throws Exception {
    button("Pause, node3").click();
    browser.eventually(() -> assertThat(card(node3)).contains("paused"));
    button("Start a burst, node1").click();
    button("Start a burst, node2").click();
    browser.eventually(() -> assertThat(lag(node3)).isGreaterThan(80));
    browser.eventually(
        () -> {
          // A burst ends, and which of its writes meet is a matter of chance.
          node1.context().getBean(Burst.class).start();
          node2.context().getBean(Burst.class).start();
          assertThat(browser.all("#conflicts > li")).hasSize(4);
        });
    browser.picture(1280, PICTURES.resolve("page.png"));
    browser.prefer(Map.of("prefers-color-scheme", "dark"));
    browser.picture(1280, PICTURES.resolve("page-dark.png"));
    button("Resume, node3").click();
    if (Boolean.getBoolean("screenshot.update")) {
      Path documentation = Path.of("..", "docs", "images");
      Files.createDirectories(documentation);
      for (String name : List.of("page.png", "page-dark.png")) {
        Files.copy(
            PICTURES.resolve(name),
            documentation.resolve(name),
            StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  private static String card(ShopNode node) {
    return browser.text("#nodes > " + keyed(node.name()));
  }

  private static int lag(ShopNode node) {
    return Integer.parseInt(browser.text("#nodes > " + keyed(node.name()) + " .behind"));
  }

  private static String keyed(String key) {
    return "[data-key='" + key + "']";
  }

  private static String stock(String track) {
    return browser.text("#tracks " + keyed(track) + " td:nth-child(3)");
  }

  private static WebElement button(String name) {
    return browser.one("button[aria-label='" + name + "']");
  }

  private static String focus() {
    return browser.driver().switchTo().activeElement().getAccessibleName();
  }

  private static void tabTo(String name) {
    for (int presses = 0; presses < 60 && !focus().equals(name); presses++) {
      browser.driver().switchTo().activeElement().sendKeys(Keys.TAB);
    }
    assertThat(focus()).isEqualTo(name);
  }

  private static String background() {
    return (String) browser.script("return getComputedStyle(document.body).backgroundColor");
  }

  /** Returns how far the highest line of a chart is above its lowest mark, in pixels. */
  private static double highest(String chart) {
    Number height =
        (Number)
            browser.script(
                "const paths = [...document.querySelectorAll(arguments[0] + ' path')];"
                    + "return Math.max(0, ...paths.map(path => path.getBBox().height))",
                chart);
    return height.doubleValue();
  }
}
