package io.weir.web;

/**
 * A file of the web page.
 *
 * @param contentType what it is, such as {@code text/css; charset=utf-8}
 * @param content its bytes
 * @param etag a strong validator in its quotes: another content has another one
 */
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record Asset(String contentType, byte[] content, String etag) {}
