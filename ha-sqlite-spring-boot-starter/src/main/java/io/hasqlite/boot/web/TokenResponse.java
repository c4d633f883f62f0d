package io.hasqlite.boot.web;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.io.PrintWriter;

/** Brings the token in the last moment in which a response takes headers. */
final class TokenResponse extends HttpServletResponseWrapper {

  /** What is to be done. */
  interface Carrying {
    void carry() throws IOException;
  }

  private final Carrying carrying;
  private boolean brought;

  TokenResponse(HttpServletResponse response, Carrying carrying) {
    super(response);
    this.carrying = carrying;
  }

  /** Brings the token, if it was not brought and still can be. */
  void bringToken() throws IOException {
    if (!brought && !isCommitted()) {
      brought = true;
      carrying.carry();
    }
  }

  @Override
  public ServletOutputStream getOutputStream() throws IOException {
    bringToken();
    return super.getOutputStream();
  }

  @Override
  public PrintWriter getWriter() throws IOException {
    bringToken();
    return super.getWriter();
  }

  @Override
  public void flushBuffer() throws IOException {
    bringToken();
    super.flushBuffer();
  }

  @Override
  public void sendError(int status) throws IOException {
    bringToken();
    super.sendError(status);
  }

  @Override
  public void sendError(int status, String message) throws IOException {
    bringToken();
    super.sendError(status, message);
  }

  @Override
  public void sendRedirect(String location, int status, boolean clearBuffer) throws IOException {
    bringToken();
    super.sendRedirect(location, status, clearBuffer);
  }

  @Override
  public void sendRedirect(String location) throws IOException {
    bringToken();
    super.sendRedirect(location);
  }
}
