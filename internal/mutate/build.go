package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
)

// builder builds the package's tests with mutants in the place of its files.
type builder struct {
	dir     string
	sources map[string][]byte
	report  *report
}

var mutantInMessage = regexp.MustCompile(`mutant_([0-9]+):[0-9]+`)

// together builds all mutants in functions, but for those of which the compiler says that they are none.
func (b *builder) together(mutants []*mutant) (binary string, valid []*mutant, err error) {
	for {
		files := map[string][]byte{}
		of := map[string][]*mutant{}
		for _, m := range mutants {
			of[m.file] = append(of[m.file], m)
		}
		for name, mutants := range of {
			files[name] = combine(b.sources[name], mutants)
		}
		binary, messages, err := b.build("together", files)
		if err != nil || messages == "" {
			return binary, mutants, err
		}
		bad := map[string]bool{}
		for _, match := range mutantInMessage.FindAllStringSubmatch(messages, -1) {
			bad[match[1]] = true
		}
		valid = nil
		for _, m := range mutants {
			if bad[strconv.Itoa(m.id)] {
				b.report.count(m, invalid)
			} else {
				valid = append(valid, m)
			}
		}
		if len(valid) == len(mutants) {
			return "", nil, fmt.Errorf("building the tests: %s", messages)
		}
		mutants = valid
	}
}

// alone builds one mutant for itself.
func (b *builder) alone(m *mutant) (binary, messages string, err error) {
	return b.build(fmt.Sprint("alone", m.id), map[string][]byte{m.file: m.apply(b.sources[m.file])})
}

// build builds the tests with other contents of some files. It returns the compiler's messages where it fails.
func (b *builder) build(name string, files map[string][]byte) (binary, messages string, err error) {
	files["mutant_chooser.go"] = fmt.Appendf(nil, chooser, packageName)
	replace := map[string]string{}
	for file, content := range files {
		path, err := filepath.Abs(file)
		if err != nil {
			return "", "", err
		}
		replace[path] = filepath.Join(b.dir, name+"_"+file)
		if err := os.WriteFile(replace[path], content, 0o600); err != nil {
			return "", "", err
		}
		defer os.Remove(replace[path])
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", "", err
	}
	overlayFile := filepath.Join(b.dir, name+".json")
	if err := os.WriteFile(overlayFile, overlay, 0o600); err != nil {
		return "", "", err
	}
	defer os.Remove(overlayFile)
	binary = filepath.Join(b.dir, name+".test")
	build := exec.Command("go", "test", "-c", "-vet=off", "-gcflags=-e", "-ldflags=-s -w", "-overlay", overlayFile, "-o", binary, ".")
	out, err := build.CombinedOutput()
	var failed *exec.ExitError
	if errors.As(err, &failed) {
		return "", string(bytes.TrimSpace(out)), nil
	}
	return binary, "", err
}
