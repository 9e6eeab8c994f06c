package corswatch

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

var fence = regexp.MustCompile("(?sm)^```yaml\n(.*?)^```$")

// Each document on the page for operators can be put in force, and so can those of this package's comment.
func TestDocumentsInTheDocumentationAreInOrder(t *testing.T) {
	page, err := os.ReadFile("../docs/operate.md")
	require.NoError(t, err)
	var documents []string
	for _, block := range fence.FindAllStringSubmatch(string(page), -1) {
		documents = append(documents, block[1])
	}
	require.Len(t, documents, 3)

	source, err := os.ReadFile("corswatch.go")
	require.NoError(t, err)
	comment, _, _ := strings.Cut(string(source), "\npackage ")
	for _, block := range regexp.MustCompile(`(?m)(^//\t.*\n)+`).FindAllString(comment, -1) {
		if text := strings.ReplaceAll(block, "//\t", ""); strings.Contains(text, "allowOrigins:") {
			documents = append(documents, text)
		}
	}
	require.Len(t, documents, 5)
	for _, document := range documents {
		assert.NoError(t, new(Set).Load(Document{"1", []byte(document)}), document)
	}
}

// What the page says that the check prints is what it would print.
func TestMistakesInTheDocumentationAreReal(t *testing.T) {
	page, err := os.ReadFile("../docs/operate.md")
	require.NoError(t, err)
	for document, want := range map[string]string{
		"maxAge: 5\nallowOrigin: [\"*\"]\n": `line 2: allowOrigin: is no field that there is: did you mean "allowOrigins"?`,
		"\n\n\n\n\npolicies:\n  partners:\n    allowOrigins: [\"https://partner.example\",\n      \"https://app.example.com/\"]\n": `line 9: policy "partners": allowOrigins[1]: "https://app.example.com/" has a path; an origin is scheme, host and port: did you mean "https://app.example.com"?`,
	} {
		assert.ErrorContains(t, new(Set).Load(Document{"1", []byte(document)}), want)
		assert.Contains(t, string(page), want)
	}
}

func TestTheManifestForKubernetesIsInOrder(t *testing.T) {
	file, err := os.Open(filepath.Join("..", "examples", "kubernetes", "cors.yaml"))
	require.NoError(t, err)
	defer file.Close()
	decoder := yaml.NewDecoder(file)
	var config struct {
		Kind     string
		Metadata struct{ Name string }
		Data     map[string]string
	}
	require.NoError(t, decoder.Decode(&config))
	require.Equal(t, "ConfigMap", config.Kind)
	document := config.Data["cors.yaml"]
	require.NoError(t, new(Set).Load(Document{"1", []byte(document)}))
	assert.NoError(t, endsWell([]byte(document)), "File would refuse it")

	var deployment struct {
		Kind string
		Spec struct {
			Template struct {
				Spec struct {
					Containers []struct {
						VolumeMounts []map[string]any `yaml:"volumeMounts"`
					}
					Volumes []struct {
						Name      string
						ConfigMap struct{ Name string } `yaml:"configMap"`
					}
				}
			}
		}
	}
	require.NoError(t, decoder.Decode(&deployment))
	require.Equal(t, "Deployment", deployment.Kind)
	pod := deployment.Spec.Template.Spec
	require.Len(t, pod.Containers, 1)
	require.Len(t, pod.Containers[0].VolumeMounts, 1)
	mount := pod.Containers[0].VolumeMounts[0]
	assert.NotContains(t, mount, "subPath")
	assert.Equal(t, "/etc/cors", mount["mountPath"])
	require.Len(t, pod.Volumes, 1)
	assert.Equal(t, mount["name"], pod.Volumes[0].Name)
	assert.Equal(t, config.Metadata.Name, pod.Volumes[0].ConfigMap.Name)
}
