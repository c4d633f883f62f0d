package io.hasqlite.integration.jpa;

import jakarta.persistence.LockModeType;
import java.util.List;
import java.util.Optional;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.jpa.repository.Lock;
import org.springframework.data.jpa.repository.Modifying;
import org.springframework.data.jpa.repository.Query;

interface Accounts extends JpaRepository<Account, Long> {

  Optional<Account> findByOwner(String owner);

  List<Account> findByOwnerContainingOrderByOwnerDesc(String part);

  @Lock(LockModeType.PESSIMISTIC_WRITE)
  Optional<Account> findLockedByOwner(String owner);

  @Modifying
  @Query("update Account a set a.cents = a.cents + :more where a.owner like :pattern")
  int raise(String pattern, long more);
}
