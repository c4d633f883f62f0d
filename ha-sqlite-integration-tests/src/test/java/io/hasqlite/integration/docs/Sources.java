package io.hasqlite.integration.docs;

import io.hasqlite.docs.Snippet;
import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;

/** Compiles the Java of pages against what the tests have. */
final class Sources {

  private static final Pattern TYPE =
      Pattern.compile(
          "^(?:public |final )*(?:class|interface|record|enum) (\\w+)", Pattern.MULTILINE);

  private Sources() {}

  /** Tells whether a snippet is a class, or more than one. */
  static boolean isWhole(Snippet snippet) {
    return snippet.text().contains("import ") && TYPE.matcher(snippet.text()).find();
  }

  /** Tells whether the lines of a snippet stand together in some source of the project. */
  static boolean isRun(Snippet snippet) throws IOException {
    String lines = withoutIndentation(snippet.text());
    try (Stream<Path> files = Files.walk(Snippet.root())) {
      for (Path file : files.filter(Sources::isSource).toList()) {
        if (withoutIndentation(Files.readString(file)).contains(lines)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isSource(Path file) {
    return file.toString().endsWith(".java") && !file.toString().contains("/target/");
  }

  private static String withoutIndentation(String text) {
    return text.strip().replaceAll("(?m)^ +", "");
  }

  /** Compiles sources together; returns what the compiler says, nothing if all is well. */
  static String compile(List<Snippet> snippets, Path target) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter said = new StringWriter();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      files.setLocationFromPaths(StandardLocation.CLASS_OUTPUT, List.of(target));
      List<JavaFileObject> sources = new ArrayList<>();
      for (Snippet snippet : snippets) {
        sources.add(source(snippet));
      }
      compiler
          .getTask(
              said, files, null, List.of("-proc:none", "-parameters", "-nowarn"), null, sources)
          .call();
    }
    return said.toString();
  }

  private static JavaFileObject source(Snippet snippet) {
    Matcher type = TYPE.matcher(snippet.text());
    String name = type.find() ? type.group(1) : "Snippet";
    return new SimpleJavaFileObject(
        URI.create("memory:///" + name + ".java"), JavaFileObject.Kind.SOURCE) {
      @Override
      public CharSequence getCharContent(boolean ignoreEncodingErrors) {
        return snippet.text();
      }
    };
  }
}
