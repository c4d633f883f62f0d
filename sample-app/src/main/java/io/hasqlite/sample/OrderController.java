package io.hasqlite.sample;

import java.util.List;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
@RequestMapping("/api/orders")
class OrderController {

  private final OrderService orders;

  OrderController(OrderService orders) {
    this.orders = orders;
  }

  record Input(String customerId, List<OrderService.Item> items) {}

  @PostMapping
  @ResponseStatus(HttpStatus.CREATED)
  Order place(@RequestBody Input input) {
    return orders.place(input.customerId(), input.items());
  }

  @GetMapping("/{id}")
  Order get(@PathVariable String id) {
    return orders.get(id);
  }

  @GetMapping
  List<Order> list() {
    return orders.list();
  }
}
