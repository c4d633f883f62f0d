package io.hasqlite.sample;

import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.DataIntegrityViolationException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/** Says what went wrong in the database as a status that a client understands. */
@RestControllerAdvice
class Problems {

  @ExceptionHandler
  ProblemDetail refused(DataIntegrityViolationException problem) {
    return detail(HttpStatus.BAD_REQUEST, problem);
  }

  @ExceptionHandler({TransientDataAccessException.class, DataAccessResourceFailureException.class})
  ProblemDetail unavailable(Exception problem) {
    return detail(HttpStatus.SERVICE_UNAVAILABLE, problem);
  }

  private static ProblemDetail detail(HttpStatus status, Exception problem) {
    return ProblemDetail.forStatusAndDetail(status, messageOf(problem));
  }

  /** Returns what the database says, without what Spring adds. */
  static String messageOf(Exception problem) {
    Throwable cause = problem.getCause() == null ? problem : problem.getCause();
    return String.valueOf(cause.getMessage());
  }
}
