package io.hasqlite.sample;

import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

@RestController
@RequestMapping("/api/artists/{id}")
class ArtistController {

  private final Artists artists;

  ArtistController(Artists artists) {
    this.artists = artists;
  }

  record Artist(String name) {}

  @GetMapping
  Artist get(@PathVariable String id) {
    return artists.name(id).map(Artist::new).orElseThrow(() -> notFound(id));
  }

  @PutMapping
  Artist rename(@PathVariable String id, @RequestBody Artist input) {
    if (!artists.rename(id, input.name())) {
      throw notFound(id);
    }
    return get(id);
  }

  private static ResponseStatusException notFound(String id) {
    return new ResponseStatusException(HttpStatus.NOT_FOUND, "No artist " + id);
  }
}
