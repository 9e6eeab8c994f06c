package conformance

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"

	"github.com/bytecors/cors/corsgateway"
)

// TestFilterIsReadIfTheAPIsSchemaAllowsIt holds that what an API server lets into a cluster is what FromFilter
// reads, and nothing else.
func TestFilterIsReadIfTheAPIsSchemaAllowsIt(t *testing.T) {
	schema := corsSchema(t)
	origins := []string{
		"*", "https://*", "http://*", "https://*:8443", "https://foo.com", "http://foo.com", "https://*.foo.com", "https://FOO.com",
		"https://foo.com:443", "https://foo.com:1", "https://foo.com:65535", "https://foo.com:123456", "https://foo.com:",
		"https://127.0.0.1", "https://1.2", "https://[::1]", "https://foo", "https://-foo-.com", "https://foo_bar.com",
		"https://foo..com", "https://.foo.com", "https://foo.com.", "https://*foo.com", "https://a.*.com", "https://*.*.com", "https://*.",
		"https://*.com", "https://*.github.io", "https://foo.com/", "https://foo.com/path", "https://foo.com?q", "https://u@foo.com",
		"HTTPS://foo.com", "ws://foo.com", "app://foo", "null", "", " ", "https://", "https://foo.com ", "https://foo.com\n", "foo.com", "**",
		"https://foo.com:0443", "https://m\u00fcnchen.de",
		"https://" + strings.Repeat("a", 245), "https://" + strings.Repeat("a", 246),
	}
	methods := []string{
		"*", "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "get", "Put", "PURGE", "", " GET", "**",
	}
	headers := []string{
		"*", "X-A", "x-a", "Authorization", "Cookie", "Set-Cookie", "Host", "Access-Control-Allow-Origin", "ETag", "!#$%&'*+-.^_`|~09azAZ",
		"", " ", "X A", ":method", "/invalid", "X-\u00fc", "X-A\n", "X-*", "x,y", strings.Repeat("a", 256), strings.Repeat("a", 257),
	}
	var documents []map[string]any
	lists := map[string][]string{"allowOrigins": origins, "allowMethods": methods, "allowHeaders": headers, "exposeHeaders": headers}
	for field, values := range lists {
		for _, value := range values {
			documents = append(documents, map[string]any{field: []any{value}}, map[string]any{field: value})
			for _, other := range values {
				documents = append(documents, map[string]any{field: []any{value, other}})
			}
		}
		for _, n := range []int{0, 8, 9, 10, 63, 64, 65} {
			many := make([]any, n)
			for i := range many {
				many[i] = fmt.Sprintf("X-%d", i)
				if field == "allowOrigins" {
					many[i] = fmt.Sprintf("https://%d.example.com", i)
				} else if field == "allowMethods" {
					many[i] = methods[1+i%9]
				}
			}
			documents = append(documents, map[string]any{field: many})
		}
	}
	for _, value := range []any{-1, 0, 1, 5, 86400, 86401, 1 << 31, 1<<31 - 1, 1.5, "5", true, nil} {
		documents = append(documents, map[string]any{"maxAge": value}, map[string]any{"allowCredentials": value})
	}
	for field := range schema.Properties {
		documents = append(documents, map[string]any{field: nil}, map[string]any{strings.ToUpper(field): nil})
	}

	allowedCount := 0
	for _, document := range documents {
		allowed := allows(t, schema, document)
		if allowed {
			allowedCount++
		}
		content, err := json.Marshal(document)
		require.NoError(t, err)
		_, _, err = corsgateway.FromFilter(content)
		if allowed {
			require.NoError(t, err, "%s", content)
		} else {
			require.Error(t, err, "%s", content)
		}
	}
	require.Greater(t, allowedCount, 100)
	require.Greater(t, len(documents)-allowedCount, 100)
}

// corsSchema returns what the API's own definition of HTTPRoute, in its module, has for the CORS filter.
func corsSchema(t *testing.T) apiextensionsv1.JSONSchemaProps {
	t.Helper()
	folder, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "sigs.k8s.io/gateway-api").Output()
	require.NoError(t, err)
	content, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(folder)),
		"config", "crd", "standard", "gateway.networking.k8s.io_httproutes.yaml"))
	require.NoError(t, err)
	var definition apiextensionsv1.CustomResourceDefinition
	require.NoError(t, yaml.Unmarshal(content, &definition))
	version := slices.IndexFunc(definition.Spec.Versions, func(v apiextensionsv1.CustomResourceDefinitionVersion) bool {
		return v.Name == "v1"
	})
	schema := *definition.Spec.Versions[version].Schema.OpenAPIV3Schema
	for _, name := range []string{"spec", "rules", "filters", "cors"} {
		schema = schema.Properties[name]
		if schema.Items != nil {
			schema = *schema.Items.Schema
		}
	}
	require.Len(t, schema.Properties, 6)
	require.Equal(t, "5", string(schema.Properties["maxAge"].Default.Raw))
	return schema
}

// allows tells whether a schema allows a value, by those of its rules that the CORS filter has. Null is
// dropped before a server looks at the rest.
func allows(t *testing.T, s apiextensionsv1.JSONSchemaProps, value any) bool {
	t.Helper()
	switch value := value.(type) {
	case nil:
		return true
	case map[string]any:
		if s.Type != "object" {
			return false
		}
		for name, field := range value {
			if property, known := s.Properties[name]; !known || !allows(t, property, field) {
				return false
			}
		}
	case []any:
		if s.Type != "array" || int64(len(value)) > *s.MaxItems {
			return false
		}
		require.Equal(t, "set", *s.XListType)
		for i, entry := range value {
			if slices.Contains(value[:i], entry) || !allows(t, *s.Items.Schema, entry) {
				return false
			}
		}
		for _, rule := range s.XValidations {
			require.Equal(t, "!('*' in self && self.size() > 1)", rule.Rule)
			if slices.Contains(value, any("*")) && len(value) > 1 {
				return false
			}
		}
	case string:
		return s.Type == "string" && allowsString(s, value)
	case bool:
		return s.Type == "boolean"
	case int:
		return s.Type == "integer" && float64(value) >= *s.Minimum && int64(int32(value)) == int64(value)
	default:
		return false
	}
	return true
}

func allowsString(s apiextensionsv1.JSONSchemaProps, value string) bool {
	if len(s.Enum) > 0 {
		return slices.ContainsFunc(s.Enum, func(listed apiextensionsv1.JSON) bool {
			return string(listed.Raw) == fmt.Sprintf("%q", value)
		})
	}
	return int64(len(value)) >= *s.MinLength && int64(len(value)) <= *s.MaxLength && regexp.MustCompile(s.Pattern).MatchString(value)
}
