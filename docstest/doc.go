// Package docstest holds what the documents say: Go in them compiles, commands, links and paths in them lead somewhere, and
// tests that they name exist.
package docstest
