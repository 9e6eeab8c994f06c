package conformance

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
	"sigs.k8s.io/gateway-api/conformance/utils/roundtripper"
	"sigs.k8s.io/gateway-api/conformance/utils/suite"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/corsgateway"
)

const (
	controllerName = "example.com/bytecors"
	gatewayName    = "same-namespace" // as the test has it
)

// gateway is one as small as the test permits: it serves the rules of the routes that it accepts, each with its
// own policy, and answers in place of their backends.
type gateway struct {
	address *net.TCPAddr
	served  atomic.Int64
	rules   atomic.Pointer[[]rule]
}

// rule is one of a route. Its path is a prefix, by whole segments.
type rule struct {
	path    string
	handler fasthttp.RequestHandler
}

func startGateway(t *testing.T) *gateway {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	g := &gateway{address: listener.Addr().(*net.TCPAddr)}
	g.rules.Store(new([]rule))
	done := make(chan error, 1)
	server := &fasthttp.Server{Handler: g.serve}
	go func() { done <- server.Serve(listener) }()
	t.Cleanup(func() {
		require.NoError(t, server.Shutdown())
		require.NoError(t, <-done)
	})
	return g
}

func (g *gateway) serve(ctx *fasthttp.RequestCtx) {
	g.served.Add(1)
	for _, r := range *g.rules.Load() {
		if rest, ok := strings.CutPrefix(string(ctx.Path()), r.path); ok && (rest == "" || rest[0] == '/') {
			r.handler(ctx)
			return
		}
	}
	ctx.Error("no route", fasthttp.StatusNotFound)
}

// backend answers as the suite's own backend does, with what it was asked.
func backend(ctx *fasthttp.RequestCtx) {
	received := roundtripper.CapturedRequest{
		Path:      string(ctx.RequestURI()),
		Host:      string(ctx.Host()),
		Method:    string(ctx.Method()),
		Protocol:  string(ctx.Request.Header.Protocol()),
		Headers:   map[string][]string{},
		Namespace: suite.InfrastructureNamespace,
	}
	for name, value := range ctx.Request.Header.All() {
		received.Headers[string(name)] = append(received.Headers[string(name)], string(value))
	}
	body, err := json.Marshal(received)
	if err != nil {
		ctx.Error(err.Error(), fasthttp.StatusInternalServerError)
		return
	}
	ctx.SetContentType("application/json")
	ctx.SetBody(body)
}

// object is the gateway as the cluster knows it.
func (g *gateway) object() *gatewayv1.Gateway {
	const listenerName = "http"
	ip := gatewayv1.IPAddressType
	return &gatewayv1.Gateway{
		ObjectMeta: metav1.ObjectMeta{Namespace: suite.InfrastructureNamespace, Name: gatewayName},
		Spec: gatewayv1.GatewaySpec{
			Listeners: []gatewayv1.Listener{{
				Name: listenerName, Port: gatewayv1.PortNumber(g.address.Port), Protocol: gatewayv1.HTTPProtocolType,
			}},
		},
		Status: gatewayv1.GatewayStatus{
			Addresses:  []gatewayv1.GatewayStatusAddress{{Type: &ip, Value: g.address.IP.String()}},
			Conditions: conditions(gatewayv1.GatewayConditionAccepted, gatewayv1.GatewayConditionProgrammed),
			Listeners: []gatewayv1.ListenerStatus{{
				Name: listenerName,
				Conditions: conditions(gatewayv1.ListenerConditionResolvedRefs, gatewayv1.ListenerConditionAccepted,
					gatewayv1.ListenerConditionProgrammed),
			}},
		},
	}
}

func conditions[T ~string](types ...T) (all []metav1.Condition) {
	for _, t := range types {
		all = append(all, metav1.Condition{
			Type: string(t), Status: metav1.ConditionTrue, Reason: string(t), LastTransitionTime: metav1.Now(),
		})
	}
	return all
}

// accept serves the rules of a route, and says so in its status.
func (g *gateway) accept(ctx context.Context, c client.Client, key client.ObjectKey) error {
	var route gatewayv1.HTTPRoute
	if err := c.Get(ctx, key, &route); err != nil {
		return err
	}
	rules := append([]rule(nil), *g.rules.Load()...)
	for i := range route.Spec.Rules {
		r, err := newRule(&route.Spec.Rules[i])
		if err != nil {
			return fmt.Errorf("route %s, rule %d: %w", key, i, err)
		}
		rules = append(rules, r)
	}
	g.rules.Store(&rules)
	for _, parent := range route.Spec.ParentRefs {
		// Which a cluster's API server would have filled in.
		parent.Group, parent.Kind = new(gatewayv1.Group(gatewayv1.GroupName)), new(gatewayv1.Kind("Gateway"))
		route.Status.Parents = append(route.Status.Parents, gatewayv1.RouteParentStatus{
			ParentRef:      parent,
			ControllerName: controllerName,
			Conditions:     conditions(gatewayv1.RouteConditionAccepted, gatewayv1.RouteConditionResolvedRefs),
		})
	}
	return c.Status().Update(ctx, &route)
}

func newRule(spec *gatewayv1.HTTPRouteRule) (rule, error) {
	if len(spec.Matches) != 1 || len(spec.Filters) != 1 || spec.Filters[0].CORS == nil {
		return rule{}, fmt.Errorf("has other things than one path and one CORS filter")
	}
	filter, err := json.Marshal(spec.Filters[0].CORS)
	if err != nil {
		return rule{}, err
	}
	c, _, err := corsgateway.FromFilter(filter, corsgateway.DangerouslyAllowAnyOriginWithCredentials)
	if err != nil {
		return rule{}, err
	}
	m, err := cors.New(c)
	if err != nil {
		return rule{}, err
	}
	return rule{*spec.Matches[0].Path.Value, m.Wrap(backend)}, nil
}
