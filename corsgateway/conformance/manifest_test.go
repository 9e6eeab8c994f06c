package conformance

import (
	"bytes"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"sigs.k8s.io/yaml"
)

// The manifest for kubectl is held here, too, since the cluster's types are: every field of it is one that there is.
func TestTheExampleForKubernetesIsWhatTheAPIReads(t *testing.T) {
	content, err := os.ReadFile("../../examples/kubernetes/cors.yaml")
	require.NoError(t, err)
	documents := bytes.Split(content, []byte("\n---\n"))
	require.Len(t, documents, 2)

	var policies corev1.ConfigMap
	require.NoError(t, yaml.UnmarshalStrict(documents[0], &policies))
	assert.Equal(t, corev1.SchemeGroupVersion.String(), policies.APIVersion)
	assert.Equal(t, "ConfigMap", policies.Kind)
	for key := range policies.Data {
		assert.Empty(t, validation.IsConfigMapKey(key))
	}

	var api appsv1.Deployment
	require.NoError(t, yaml.UnmarshalStrict(documents[1], &api))
	assert.Equal(t, appsv1.SchemeGroupVersion.String(), api.APIVersion)
	assert.Equal(t, "Deployment", api.Kind)
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
