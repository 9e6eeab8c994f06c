// Package conformance runs the Gateway API's official test of CORS against the middleware: a gateway on
// loopback, with each route's policy as corsgateway reads it, and a cluster that is in memory. It also holds what
// corsgateway reads against the schema that the API publishes, and the example's
// manifest against the cluster's types.
package conformance
