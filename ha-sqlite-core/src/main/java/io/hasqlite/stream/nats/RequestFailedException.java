package io.hasqlite.stream.nats;

/** A request that got no answer from whom it was meant for. */
final class RequestFailedException extends Exception {

  private static final long serialVersionUID = 1L;

  /** How far the request came. */
  enum Reason {
    /** It did not leave this process and never will. */
    NOT_SENT,
    /** The server had nobody to give it to. */
    NO_RESPONDERS,
    /** It was sent, or may be sent yet; whether it had an effect is unknown. */
    NO_ANSWER
  }

  private final transient Reason reason;

  RequestFailedException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  Reason reason() {
    return reason;
  }
}
