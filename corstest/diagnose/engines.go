package diagnose

import (
	"context"
	"errors"

	"github.com/bytecors/cors/corstest"
)

// EngineVerdict is what one engine makes of an exchange.
type EngineVerdict struct {
	Engine  corstest.Engine
	Verdict Verdict
	Failure corstest.Failure // why it blocks, or ""
	Message string           // a sentence, where there is something to say
}

// errNotRecorded is an exchange that another engine would go on to, and that has not been made.
var errNotRecorded = errors.New("this engine would send a request that was not sent")

// Engines judges an exchange that has been made as each engine would, without sending anything. Where an engine goes on to a request that
// was not sent, its verdict is [Allowed] as far as is known, with a message.
func Engines(b *corstest.Browser, r corstest.Request, made *corstest.Result, preflightOnly bool) []EngineVerdict {
	var verdicts []EngineVerdict
	for _, engine := range allEngines() {
		page := b.Incognito(b.Origin())
		page.Engine, page.RoundTrip = engine, recorded(made)
		fetch := page.Fetch
		if preflightOnly {
			fetch = page.Preflight
		}
		result := fetch(r)
		v := EngineVerdict{Engine: engine, Verdict: Allowed}
		switch {
		case result.Allowed:
		case errors.Is(result.Reason.Err, errNotRecorded):
			v.Message = "the request would be sent; what came of it was not asked"
		case result.Reason.Failure == corstest.NetworkFailure:
			v.Verdict, v.Failure, v.Message = Failed, result.Reason.Failure, result.Reason.Message
		default:
			v.Verdict, v.Failure, v.Message = Blocked, result.Reason.Failure, result.Reason.Message
		}
		verdicts = append(verdicts, v)
	}
	return verdicts
}

// Differ tells whether engines do not agree on whether script reads the response.
func Differ(verdicts []EngineVerdict) bool {
	for _, v := range verdicts {
		if v.Verdict != verdicts[0].Verdict {
			return true
		}
	}
	return false
}

// recorded answers with what has been answered before.
func recorded(made *corstest.Result) func(context.Context, *corstest.Exchange) {
	return func(_ context.Context, x *corstest.Exchange) {
		for _, hop := range made.Hops {
			for _, earlier := range []*corstest.Exchange{hop.PreflightExchange, hop.Actual} {
				if earlier == nil || earlier.Method != x.Method || earlier.URL != x.URL || isAsking(earlier) != isAsking(x) {
					continue
				}
				x.Status, x.StatusText, x.ResponseHeader, x.ResponseBody = earlier.Status, earlier.StatusText, earlier.ResponseHeader, earlier.ResponseBody
				x.Err = earlier.Err
				return
			}
		}
		x.Err = errNotRecorded
	}
}

// isAsking tells a preflight from an OPTIONS request of the page's.
func isAsking(x *corstest.Exchange) bool {
	return x.RequestHeader.Has("Access-Control-Request-Method")
}

func allEngines() []corstest.Engine {
	return append([]corstest.Engine{corstest.Standard}, corstest.Engines()...)
}
