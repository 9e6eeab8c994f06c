// Package corsprom has Prometheus metrics of the policies that package corswatch follows.
//
//	var set corswatch.Set
//	prometheus.MustRegister(corsprom.New(&set))
//	err := corswatch.Follow(ctx, source, &set, corswatch.Options{})
//
// The metrics are
//
//	cors_decisions_total{policy, outcome}             requests, by cors.Outcome
//	cors_shadow_differences_total{policy, outcome, shadow}
//	                                                  requests that a shadow would have decided otherwise
//	cors_document_info{version}                       1, for the document in force
//	cors_document_timestamp_seconds                   when it came into force
//	cors_document_loads_total                         documents that came into force
//	cors_source_checked_timestamp_seconds             when the source last said which document it has
//	cors_source_failing{reason}                       1 while the source has a document that is refused (document),
//	                                                  or cannot be asked (source)
//	cors_source_failures_total                        errors of either kind
//
// An alert for a policy that does not arrive: cors_source_failing == 1 for some minutes, or
// count(count by (version) (cors_document_info)) > 1 for a fleet that does not agree.
package corsprom

import (
	"errors"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/corswatch"
)

// Metrics is a prometheus.Collector.
type Metrics struct {
	set         *corswatch.Set
	decisions   *prometheus.CounterVec
	differences *prometheus.CounterVec
}

// New returns the metrics of set, and has set tell it what is decided. It has to be called before set is in
// use. An observer that set has already is told as before.
func New(set *corswatch.Set) *Metrics {
	m := &Metrics{
		set: set,
		decisions: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "cors_decisions_total",
			Help: "Requests, by the policy that they were under and what it made of them.",
		}, []string{"policy", "outcome"}),
		differences: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "cors_shadow_differences_total",
			Help: "Requests that the shadow of their policy would have decided otherwise.",
		}, []string{"policy", "outcome", "shadow"}),
	}
	before := set.Observe
	set.Observe = func(policy string) corswatch.Observer {
		var inner corswatch.Observer
		if before != nil {
			inner = before(policy)
		}
		return m.observer(policy, inner)
	}
	return m
}

// outcomes are all that there are.
var outcomes = func() (all []cors.Outcome) {
	for o := cors.Outcome(0); o.String() != "unknown"; o++ {
		all = append(all, o)
	}
	return all
}()

// observer finds the counters for a policy beforehand, since to find one costs an allocation.
func (m *Metrics) observer(policy string, inner corswatch.Observer) corswatch.Observer {
	decided := make([]prometheus.Counter, len(outcomes))
	for _, o := range outcomes {
		decided[o] = m.decisions.WithLabelValues(policy, o.String())
	}
	// Most pairs never occur, and most policies have no shadow: these are found when they are needed first.
	differed := make([]atomic.Pointer[prometheus.Counter], len(outcomes)*len(outcomes))
	return corswatch.Observer{
		Decision: func(ctx *fasthttp.RequestCtx, d cors.Decision) {
			decided[d.Outcome].Inc()
			if inner.Decision != nil {
				inner.Decision(ctx, d)
			}
		},
		Shadow: func(ctx *fasthttp.RequestCtx, enforced, shadow cors.Decision) {
			if enforced.Outcome != shadow.Outcome {
				counter := &differed[int(enforced.Outcome)*len(outcomes)+int(shadow.Outcome)]
				if counter.Load() == nil {
					found := m.differences.WithLabelValues(policy, enforced.String(), shadow.String())
					counter.Store(&found)
				}
				(*counter.Load()).Inc()
			}
			if inner.Shadow != nil {
				inner.Shadow(ctx, enforced, shadow)
			}
		},
	}
}

var (
	documentInfo   = prometheus.NewDesc("cors_document_info", "The document in force.", []string{"version"}, nil)
	documentSince  = prometheus.NewDesc("cors_document_timestamp_seconds", "When the document in force came into force.", nil, nil)
	documentLoads  = prometheus.NewDesc("cors_document_loads_total", "Documents that came into force.", nil, nil)
	sourceChecked  = prometheus.NewDesc("cors_source_checked_timestamp_seconds", "When the source last said which document it has.", nil, nil)
	sourceFailing  = prometheus.NewDesc("cors_source_failing", "Whether the source has a document that is refused, or cannot be asked.", []string{"reason"}, nil)
	sourceFailures = prometheus.NewDesc("cors_source_failures_total", "Errors of the source, and documents that were refused.", nil, nil)
)

// Describe implements prometheus.Collector.
func (m *Metrics) Describe(descriptions chan<- *prometheus.Desc) {
	m.decisions.Describe(descriptions)
	m.differences.Describe(descriptions)
	for _, d := range []*prometheus.Desc{documentInfo, documentSince, documentLoads, sourceChecked, sourceFailing, sourceFailures} {
		descriptions <- d
	}
}

// Collect implements prometheus.Collector.
func (m *Metrics) Collect(metrics chan<- prometheus.Metric) {
	m.decisions.Collect(metrics)
	m.differences.Collect(metrics)
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		metrics <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	status := m.set.Status()
	if !status.Since.IsZero() {
		gauge(documentInfo, 1, status.Version)
		gauge(documentSince, float64(status.Since.UnixMilli())/1000)
	}
	if !status.Checked.IsZero() {
		gauge(sourceChecked, float64(status.Checked.UnixMilli())/1000)
	}
	var document, source float64
	if status.Err != nil {
		if refused := new(corswatch.DocumentError); errors.As(status.Err, &refused) {
			document = 1
		} else {
			source = 1
		}
	}
	gauge(sourceFailing, document, "document")
	gauge(sourceFailing, source, "source")
	metrics <- prometheus.MustNewConstMetric(documentLoads, prometheus.CounterValue, float64(status.Loads))
	metrics <- prometheus.MustNewConstMetric(sourceFailures, prometheus.CounterValue, float64(status.Failures))
}
