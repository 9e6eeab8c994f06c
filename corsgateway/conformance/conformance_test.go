package conformance

import (
	"context"
	"io/fs"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
	"sigs.k8s.io/gateway-api/conformance"
	"sigs.k8s.io/gateway-api/conformance/tests"
	"sigs.k8s.io/gateway-api/conformance/utils/config"
	"sigs.k8s.io/gateway-api/conformance/utils/suite"
)

func TestHTTPRouteCORS(t *testing.T) {
	g := startGateway(t)
	scheme := runtime.NewScheme()
	require.NoError(t, gatewayv1.Install(scheme))
	require.NoError(t, apiextensionsv1.AddToScheme(scheme)) // which the suite looks at
	cluster := fake.NewClientBuilder().
		WithScheme(scheme).
		WithObjects(g.object()).
		WithStatusSubresource(&gatewayv1.HTTPRoute{}).
		WithInterceptorFuncs(interceptor.Funcs{
			Create: func(ctx context.Context, c client.WithWatch, object client.Object, options ...client.CreateOption) error {
				if err := c.Create(ctx, object, options...); err != nil {
					return err
				}
				return g.accept(ctx, c, client.ObjectKeyFromObject(object))
			},
		}).
		Build()

	timeouts := config.DefaultTimeoutConfig()
	timeouts.MaxTimeToConsistency = 5 * time.Second // it counts for cases that fail only: nothing here has to settle
	s, err := suite.NewConformanceTestSuite(suite.ConformanceOptions{
		Client: cluster,
		ConfigurableOptions: suite.ConfigurableOptions{
			SupportedFeatures: tests.HTTPRouteCORS.Features,
			AllowCRDsMismatch: true, // there are none in memory
			TimeoutConfig:     timeouts,
		},
	})
	require.NoError(t, err)
	s.ControllerName = controllerName
	s.Applier.ManifestFS = []fs.FS{conformance.Manifests} // which Setup would do, after waiting for pods

	skipped := true
	t.Run(tests.HTTPRouteCORS.ShortName, func(t *testing.T) {
		defer func() { skipped = t.Skipped() }()
		tests.HTTPRouteCORS.Run(t, s)
	})
	require.False(t, skipped)
	if !t.Failed() {
		require.EqualValues(t, cases*timeouts.RequiredConsecutiveSuccesses, g.served.Load())
	}
}

// cases is how many there are in the official test. It has to be told apart from a test that has none.
const cases = 17
