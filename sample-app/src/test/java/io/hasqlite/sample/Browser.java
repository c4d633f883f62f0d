package io.hasqlite.sample;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.openqa.selenium.By;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogEntry;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.support.ui.FluentWait;

/** A headless Chromium. */
final class Browser implements AutoCloseable {

  // The same places as in scripts/setup.
  private static final List<String> BROWSERS =
      List.of(
          "chromium",
          "chromium-browser",
          "google-chrome",
          "google-chrome-stable",
          "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
          "/Applications/Chromium.app/Contents/MacOS/Chromium");
  private static final List<String> DRIVERS =
      List.of("chromedriver", "/usr/lib/chromium-browser/chromedriver");

  private final ChromeDriver driver;

  private Browser(ChromeDriver driver) {
    this.driver = driver;
  }

  /**
   * Starts it. Where there is none the test is left out, unless {@code CI=true}: there it fails.
   *
   * @param profile an empty folder
   */
  static Browser start(Path profile) {
    Optional<Path> browser = find("CHROME", BROWSERS);
    Optional<Path> chromedriver = find("CHROMEDRIVER", DRIVERS);
    boolean found = browser.isPresent() && chromedriver.isPresent();
    String missing =
        "The page is tested in a browser, and no Chromium with a chromedriver is here. Install"
            + " both (Debian: chromium and chromium-driver), or name them in CHROME and"
            + " CHROMEDRIVER";
    if ("true".equals(System.getenv("CI"))) {
      assertThat(found).as(missing).isTrue();
    }
    Assumptions.assumeTrue(found, missing);
    ChromeOptions options = new ChromeOptions();
    options.setBinary(browser.orElseThrow().toFile());
    options.addArguments(
        "--headless=new",
        "--no-sandbox", // root has none
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-proxy-server",
        "--hide-scrollbars",
        "--user-data-dir=" + profile);
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    options.setCapability(ChromeOptions.LOGGING_PREFS, logs);
    ChromeDriverService service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(chromedriver.orElseThrow().toFile())
            .usingAnyFreePort()
            .build();
    Browser started = new Browser(new ChromeDriver(service, options));
    started.driver.executeCdpCommand("Emulation.setLocaleOverride", Map.of("locale", "en-GB"));
    return started;
  }

  private static Optional<Path> find(String variable, List<String> names) {
    String named = System.getenv(variable);
    return (named == null ? names.stream() : Stream.of(named))
        .flatMap(Browser::places)
        .filter(Files::isExecutable)
        .findFirst();
  }

  private static Stream<Path> places(String name) {
    if (name.contains("/")) {
      return Stream.of(Path.of(name));
    }
    return Stream.of(System.getenv("PATH").split(File.pathSeparator))
        .map(folder -> Path.of(folder, name));
  }

  ChromeDriver driver() {
    return driver;
  }

  void open(String address) {
    driver.get(address);
  }

  /** Sets the size of the page, in CSS pixels. */
  void size(int width, int height) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
  }

  /** Sets what the person prefers, such as {@code prefers-color-scheme}. */
  void prefer(Map<String, String> features) {
    driver.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of(
            "features",
            features.entrySet().stream()
                .map(feature -> Map.of("name", feature.getKey(), "value", feature.getValue()))
                .toList()));
  }

  WebElement one(String selector) {
    return driver.findElement(By.cssSelector(selector));
  }

  List<WebElement> all(String selector) {
    return driver.findElements(By.cssSelector(selector));
  }

  /** Returns the text of an element; empty if it is not there. In one step: the page changes. */
  String text(String selector) {
    return (String)
        driver.executeScript(
            "return document.querySelector(arguments[0])?.innerText ?? ''", selector);
  }

  Object script(String script, Object... arguments) {
    return driver.executeScript(script, arguments);
  }

  /** Runs a script before those of each page that is opened from now on. */
  void beforeEachPage(String script) {
    driver.executeCdpCommand("Page.addScriptToEvaluateOnNewDocument", Map.of("source", script));
  }

  /** Returns what the browser found wrong since it was asked last. */
  List<String> complaints() {
    return driver.manage().logs().get(LogType.BROWSER).getAll().stream()
        .filter(entry -> entry.getLevel().intValue() >= Level.WARNING.intValue())
        .map(LogEntry::getMessage)
        .toList();
  }

  /** Returns when an assertion holds; fails if it does not in time. */
  void eventually(Runnable assertion) {
    new FluentWait<>(driver)
        .withTimeout(ShopNode.TIMEOUT)
        .pollingEvery(Duration.ofMillis(100))
        .ignoring(AssertionError.class)
        .until(
            now -> {
              assertion.run();
              return true;
            });
  }

  /** Writes a picture of the whole page. */
  void picture(int width, Path file) throws IOException {
    size(width, 100);
    Number height = (Number) script("return document.documentElement.scrollHeight");
    size(width, height.intValue());
    Files.createDirectories(file.getParent());
    Files.write(file, driver.getScreenshotAs(OutputType.BYTES));
  }

  @Override
  public void close() {
    driver.quit();
  }
}
