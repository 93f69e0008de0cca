package io.weir.upstream;

/**
 * One URL of an upstream with all that belongs to it.
 *
 * @param gate the memory of its failures
 * @param authorizer who sends requests there
 */
record Site(Endpoint endpoint, Gate gate, Authorizer authorizer) {}
