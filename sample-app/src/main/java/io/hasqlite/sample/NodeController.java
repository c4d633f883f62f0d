package io.hasqlite.sample;

import io.hasqlite.engine.HaSqlite;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/**
 * This node's state, and commands for any node whose address is known. They ask for JSON although
 * they need no body: a page from elsewhere cannot send that without asking.
 */
@RestController
class NodeController {

  private final HaSqlite database;
  private final Cluster cluster;
  private final OtherNodes others;
  private final Burst burst;

  NodeController(HaSqlite database, Cluster cluster, OtherNodes others, Burst burst) {
    this.database = database;
    this.cluster = cluster;
    this.others = others;
    this.burst = burst;
  }

  @GetMapping("/api/node")
  NodeView node() {
    return cluster.self();
  }

  @PostMapping(path = "/api/nodes/{name}/{command}", consumes = MediaType.APPLICATION_JSON_VALUE)
  @ResponseStatus(HttpStatus.NO_CONTENT)
  void command(@PathVariable String name, @PathVariable String command) {
    Runnable own =
        switch (command) {
          case "pause" -> database::pause;
          case "resume" -> database::resume;
          case "burst" -> burst::start;
          case "stop-burst" -> burst::stop;
          default ->
              throw new ResponseStatusException(HttpStatus.NOT_FOUND, "No command " + command);
        };
    if (name.equals(database.options().nodeName().value())) {
      own.run();
    } else {
      others.command(name, command);
    }
  }
}
