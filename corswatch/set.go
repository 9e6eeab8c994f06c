package corswatch

import (
	"bytes"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

// Set is the policies of one document: the one in force. The zero value has none, and makes no request part of
// CORS. All methods are safe for concurrent use. A Set must not be copied, nor its fields be changed once it
// is in use.
type Set struct {
	// Observe, if not nil, is asked for the observer of each policy of a document, before that comes into force.
	Observe func(policy string) Observer

	inForce atomic.Pointer[policies]

	loading   sync.Mutex // held while a document is read
	following sync.WaitGroup
	status    statusBoard
}

// Observer is told what is decided under one policy. Either function may be nil. Both are called while requests
// are served, must be safe for concurrent use, and must neither change ctx nor keep it, nor keep what a decision
// refuses.
type Observer struct {
	// Decision is cors.Config.OnDecision of the policy.
	Decision func(ctx *fasthttp.RequestCtx, d cors.Decision)

	// Shadow is told about each request under a policy that has a shadow, what was decided, and what would
	// have been if the shadow were in force.
	Shadow func(ctx *fasthttp.RequestCtx, enforced, shadow cors.Decision)
}

// policies is a document, compiled. It never changes.
type policies struct {
	data   []byte
	byName map[string]*enforced
	names  []string // in the document's order
	routes *routes
}

// enforced is a policy that requests are under.
type enforced struct {
	m      *cors.Middleware
	shadow *shadow // nil: none
}

// Choose returns the middleware with the policy that a request is under, by the document's hosts and paths, or
// nil where it is under none. It is meant for cors.Select and cors.SelectErrorHandler. It does not allocate.
func (s *Set) Choose(ctx *fasthttp.RequestCtx) *cors.Middleware {
	p := s.inForce.Load()
	if p == nil {
		return nil
	}
	if found := p.routes.find(ctx); found != nil {
		return found.m
	}
	return nil
}

// Policy returns the middleware with the policy of that name in the document in force, or nil. It stays as
// it is when another document comes into force: ask for each request.
func (s *Set) Policy(name string) *cors.Middleware {
	if p := s.inForce.Load(); p != nil {
		if found := p.byName[name]; found != nil {
			return found.m
		}
	}
	return nil
}

// Load brings a document into force, if there is no mistake in it. Otherwise the error joins a *Mistake for each,
// and the document in force stays.
func (s *Set) Load(d Document) error {
	s.loading.Lock()
	defer s.loading.Unlock()
	return s.load(d, false)
}

// load does so for Load and Follow, one at a time.
func (s *Set) load(d Document, isDefault bool) error {
	before := s.inForce.Load()
	if before == nil || !bytes.Equal(before.data, d.Data) {
		p, err := s.compile(d.Data, before)
		if err != nil {
			err = &DocumentError{d.Version, err}
			s.status.failed(err, time.Now())
			s.status.checked(time.Now())
			return err
		}
		s.inForce.Store(p)
		before = p
	}
	s.status.loaded(d.Version, before, isDefault, time.Now())
	return nil
}

// DocumentError is why a document did not come into force.
type DocumentError struct {
	Version string
	Err     error // joins a *Mistake for each
}

// Error returns the mistakes, one on each line.
func (e *DocumentError) Error() string {
	return "document " + e.Version + " is not in force: " + e.Err.Error()
}

// Unwrap returns Err.
func (e *DocumentError) Unwrap() error { return e.Err }

// compile reads a document. What shadows have counted goes on counting where the policy has not changed.
func (s *Set) compile(data []byte, before *policies) (*policies, error) {
	specs, err := parse(data)
	if err != nil {
		return nil, err
	}
	p := &policies{data: bytes.Clone(data), byName: make(map[string]*enforced, len(specs))}
	var ms mistakes
	for _, spec := range specs {
		var observer Observer
		if s.Observe != nil {
			observer = s.Observe(spec.name)
		}
		e := &enforced{m: spec.m}
		spec.config.OnDecision = observer.Decision
		if spec.shadow != nil {
			if e.shadow, err = newShadow(spec, observer, before); err != nil {
				return nil, err
			}
			spec.config.OnDecision = e.shadow.decide
		}
		if spec.config.OnDecision != nil {
			if err = e.m.Reconfigure(spec.config); err != nil {
				return nil, err
			}
		}
		p.byName[spec.name] = e
		p.names = append(p.names, spec.name)
	}
	p.routes = newRoutes(&ms, specs, p.byName)
	return p, ms.err()
}
