package conformance

import (
	"bytes"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
	"k8s.io/apimachinery/pkg/util/validation"
)

// The manifest for kubectl is held here, too, since the cluster's types are: every field of it is one that there is.
func TestTheExampleForKubernetesIsWhatTheAPIReads(t *testing.T) {
	content, err := os.ReadFile("../../examples/kubernetes/cors.yaml")
	require.NoError(t, err)
	documents := bytes.Split(content, []byte("\n---\n"))
	require.Len(t, documents, 2)

	scheme := runtime.NewScheme()
	require.NoError(t, corev1.AddToScheme(scheme))
	require.NoError(t, appsv1.AddToScheme(scheme))
	// As an API server reads what kubectl sends it: with regard to case, unlike encoding/json.
	strict := json.NewSerializerWithOptions(json.DefaultMetaFactory, scheme, scheme, json.SerializerOptions{Yaml: true, Strict: true})
	decode := func(document []byte) runtime.Object {
		object, _, err := strict.Decode(document, nil, nil)
		require.NoError(t, err)
		return object
	}
	policies, ok := decode(documents[0]).(*corev1.ConfigMap)
	require.True(t, ok)
	for key := range policies.Data {
		assert.Empty(t, validation.IsConfigMapKey(key))
	}

	api, ok := decode(documents[1]).(*appsv1.Deployment)
	require.True(t, ok)
	for _, name := range []string{policies.Name, api.Name} {
		assert.Empty(t, validation.IsDNS1123Subdomain(name))
	}
	require.NotNil(t, api.Spec.Selector)
	assert.NotEmpty(t, api.Spec.Selector.MatchLabels)
	assert.Equal(t, api.Spec.Selector.MatchLabels, api.Spec.Template.Labels, "a cluster refuses others")
	require.Len(t, api.Spec.Template.Spec.Containers, 1)
	container := api.Spec.Template.Spec.Containers[0]
	require.NotNil(t, container.ReadinessProbe)
	require.Len(t, container.Ports, 1)
	assert.Equal(t, int(container.Ports[0].ContainerPort), container.ReadinessProbe.HTTPGet.Port.IntValue())
}
