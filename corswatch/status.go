package corswatch

import (
	"encoding/json"
	"sync"
	"time"

	"github.com/valyala/fasthttp"
)

// Status is what is in force, and how the source does.
type Status struct {
	// Version is that of the document in force; "" where there is none.
	Version string

	// Policies are the names of its policies, in its order.
	Policies []string

	// Default tells whether it is Options.Default.
	Default bool

	// Since is when it came into force.
	Since time.Time

	// Checked is when the source last said which document it has.
	Checked time.Time

	// Err is why the source's present document is not in force, or why it is not known whether there is another:
	// a *DocumentError, or what Source.Next returned. It is nil when all is well.
	Err error

	// Failing is since when there has been an Err.
	Failing time.Time

	// Loads and Failures count the documents that came into force, and the errors.
	Loads, Failures uint64

	// Shadows are counts by policy, of those that have a shadow.
	Shadows map[string]ShadowCount
}

// statusBoard is what Follow writes, and others read.
type statusBoard struct {
	mu sync.Mutex
	s  Status
	p  *policies // which s.Since is of
}

func (b *statusBoard) loaded(version string, p *policies, isDefault bool, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.p != p {
		b.p, b.s.Since = p, now
		b.s.Loads++
	}
	b.s.Version, b.s.Policies, b.s.Default = version, p.names, isDefault
	if !isDefault {
		b.s.Checked = now
		b.s.Err, b.s.Failing = nil, time.Time{}
	}
}

func (b *statusBoard) failed(err error, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.s.Err == nil {
		b.s.Failing = now
	}
	b.s.Err = err
	b.s.Failures++
}

// checked notes that the source has said which document it has, one that is refused.
func (b *statusBoard) checked(now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.s.Checked = now
}

// Status returns what is in force, and how the source does.
func (s *Set) Status() Status {
	s.status.mu.Lock()
	status := s.status.s
	s.status.mu.Unlock()
	if p := s.inForce.Load(); p != nil {
		for name, e := range p.byName {
			if e.shadow != nil {
				if status.Shadows == nil {
					status.Shadows = map[string]ShadowCount{}
				}
				status.Shadows[name] = e.shadow.count.read()
			}
		}
	}
	return status
}

// health is the body of a health check.
type health struct {
	Version        string                 `json:"version"`
	Policies       []string               `json:"policies"`
	Default        bool                   `json:"default,omitempty"`
	AgeSeconds     float64                `json:"ageSeconds"`
	CheckedSeconds float64                `json:"checkedSeconds,omitempty"`
	FailingSeconds float64                `json:"failingSeconds,omitempty"`
	Error          string                 `json:"error,omitempty"`
	Shadows        map[string]ShadowCount `json:"shadows,omitempty"`
}

// Health answers a health check, such as one for /healthz, with a JSON object that has what Status has; its ages
// are in seconds. The status is 200 while a document is in force, also where a newer one is refused or the
// source is down: that is no reason to take a replica away, let alone all of them. It is 503 while there is
// none. Errors quote the document: serve them to operators only.
func (s *Set) Health(ctx *fasthttp.RequestCtx) {
	status, now := s.Status(), time.Now()
	h := health{Version: status.Version, Policies: status.Policies, Default: status.Default, Shadows: status.Shadows}
	if status.Err != nil {
		h.Error = status.Err.Error()
		h.FailingSeconds = now.Sub(status.Failing).Seconds()
	}
	if !status.Since.IsZero() {
		h.AgeSeconds = now.Sub(status.Since).Seconds()
	} else {
		ctx.SetStatusCode(fasthttp.StatusServiceUnavailable)
	}
	if !status.Checked.IsZero() {
		h.CheckedSeconds = now.Sub(status.Checked).Seconds()
	}
	body, _ := json.Marshal(h) // strings and numbers, which cannot fail
	ctx.SetContentType("application/json")
	ctx.SetBody(body)
	ctx.Response.Header.Set(fasthttp.HeaderCacheControl, "no-store")
}
