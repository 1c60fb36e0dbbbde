/**
 * The folder below which files lie that are read while the server runs: the sources, or a build, which has
 * them in the same places.
 */
export const FILES = import.meta.dirname;
