/**
 * The web page for operators: HTML, CSS and ES modules, as a browser gets them, beside these
 * classes on the class path; {@code index.html} is where to begin to read.
 *
 * <p>{@link io.weir.web.Assets} is the entry. Nothing here knows the server: the page asks the API,
 * as any other client does.
 */
@NullMarked
package io.weir.web;

import org.jspecify.annotations.NullMarked;
