package corswatch

import (
	"reflect"
	"sync/atomic"

	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

// shadow is a policy that decides about the requests of another, and changes no response.
type shadow struct {
	m        *cors.Middleware
	enforced cors.Config // of the policy that it is the shadow of, as written
	observer Observer
	count    *shadowCounter
}

// shadowCounter is shared by successive documents in which the two policies are the same.
type shadowCounter struct {
	same, stricter, looser, other atomic.Uint64
}

// ShadowCount is what has come of the requests under a policy that has a shadow, since the two are as they are.
type ShadowCount struct {
	Same     uint64 `json:"same"`     // decided the same
	Stricter uint64 `json:"stricter"` // allowed, and refused by the shadow
	Looser   uint64 `json:"looser"`   // refused, and allowed by the shadow
	Other    uint64 `json:"other"`    // refused by both, for different parts of a preflight
}

// newShadow returns the shadow of a policy.
func newShadow(spec *policySpec, observer Observer, before *policies) (*shadow, error) {
	m, err := cors.New(*spec.shadow)
	if err != nil {
		return nil, err
	}
	s := &shadow{m, spec.config, observer, new(shadowCounter)}
	s.enforced.OnDecision = nil
	if before != nil {
		if e := before.byName[spec.name]; e != nil && e.shadow != nil &&
			reflect.DeepEqual(e.shadow.enforced, s.enforced) && reflect.DeepEqual(e.shadow.m.Config(), m.Config()) {
			s.count = e.shadow.count
		}
	}
	return s, nil
}

// decide is cors.Config.OnDecision of the policy that this is the shadow of.
func (s *shadow) decide(ctx *fasthttp.RequestCtx, d cors.Decision) {
	if s.observer.Decision != nil {
		s.observer.Decision(ctx, d)
	}
	would := s.m.Evaluate(ctx)
	switch {
	case would.Outcome == d.Outcome:
		s.count.same.Add(1)
	case d.Allowed() && !would.Allowed():
		s.count.stricter.Add(1)
	case !d.Allowed() && would.Allowed():
		s.count.looser.Add(1)
	default:
		s.count.other.Add(1)
	}
	if s.observer.Shadow != nil {
		s.observer.Shadow(ctx, d, would)
	}
}

func (c *shadowCounter) read() ShadowCount {
	return ShadowCount{c.same.Load(), c.stricter.Load(), c.looser.Load(), c.other.Load()}
}
