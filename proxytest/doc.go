// Package proxytest holds the middleware to what stands between a server and its pages: nginx, Varnish and HAProxy,
// each with its cache, and the browsers' own HTTP caches. Each is started by the tests with a configuration of
// testdata, in front of a real server, on sockets that no other process can take. docs/intermediaries.md is made
// of those configurations.
//
// The tests of a proxy are skipped where it is not installed, unless BYTECORS_REQUIRE_NGINX, BYTECORS_REQUIRE_VARNISH
// or BYTECORS_REQUIRE_HAPROXY is 1.
package proxytest
