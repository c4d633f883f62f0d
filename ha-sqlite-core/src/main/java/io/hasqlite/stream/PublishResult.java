package io.hasqlite.stream;

/** The stream's answer to a message. */
public sealed interface PublishResult {

  /**
   * The message is stored.
   *
   * @param sequence its place
   * @param inPlace whether it surely follows the expected message of its subject directly; false
   *     when nothing was expected, when a server with a known race accepted two messages with the
   *     same expectation, or when it could not be found out. An expectation of 0 only says that the
   *     subject held no message then: earlier ones may have expired
   */
  record Accepted(long sequence, boolean inPlace) implements PublishResult {}

  /**
   * The message was not stored: the last one of its subject is another one than expected.
   *
   * @param last the last message of the subject; 0 when there is none
   */
  record Refused(long last) implements PublishResult {}
}
