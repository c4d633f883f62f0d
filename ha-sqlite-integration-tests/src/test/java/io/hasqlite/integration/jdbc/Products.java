package io.hasqlite.integration.jdbc;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.springframework.data.domain.Page;
import org.springframework.data.domain.Pageable;
import org.springframework.data.jdbc.repository.query.Modifying;
import org.springframework.data.jdbc.repository.query.Query;
import org.springframework.data.relational.core.sql.LockMode;
import org.springframework.data.relational.repository.Lock;
import org.springframework.data.repository.ListCrudRepository;
import org.springframework.data.repository.PagingAndSortingRepository;

interface Products
    extends ListCrudRepository<Product, Long>, PagingAndSortingRepository<Product, Long> {

  Optional<Product> findByName(String name);

  List<Product> findByNameContainingOrderByNameDesc(String part);

  Page<Product> findByNameStartingWith(String start, Pageable page);

  List<Product> findByCreatedAfterAndActiveTrue(Instant time);

  @Lock(LockMode.PESSIMISTIC_WRITE)
  List<Product> findByCents(long cents);

  @Modifying
  @Query("UPDATE product SET cents = cents + :more WHERE name LIKE :pattern")
  int raise(String pattern, long more);
}
