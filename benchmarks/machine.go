package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// machine is what the figures were measured on, and of which versions.
type machine struct {
	cpu, os  string
	cores    int
	date     time.Time
	versions []string
}

// compared are the modules whose versions matter.
var compared = []string{
	"github.com/valyala/fasthttp",
	"github.com/lab259/cors",
	"github.com/rs/cors",
	"github.com/gofiber/fiber/v2",
	"github.com/gofiber/fiber/v3",
}

func thisMachine() machine {
	m := machine{
		cpu:      field("/proc/cpuinfo", "model name", ":"),
		os:       field("/etc/os-release", "PRETTY_NAME", "="),
		cores:    runtime.NumCPU(),
		date:     time.Now().UTC(),
		versions: []string{runtime.Version()},
	}
	if m.os == "" {
		m.os = runtime.GOOS
	}
	if build, ok := debug.ReadBuildInfo(); ok {
		for _, dep := range build.Deps {
			if slices.Contains(compared, dep.Path) {
				m.versions = append(m.versions, dep.Path+" "+dep.Version)
			}
		}
	}
	return m
}

// field returns the value of the first line of a file that begins with name.
func field(file, name, separator string) string {
	f, err := os.Open(file)
	if err != nil {
		return ""
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		key, value, ok := strings.Cut(lines.Text(), separator)
		if ok && strings.TrimSpace(key) == name {
			return strings.Trim(value, ` "`)
		}
	}
	return ""
}

func (m machine) String() string {
	return fmt.Sprintf("%s, %d cores, %s/%s, %s, on %s.\n\n%s.\n", m.cpu, m.cores, m.os, runtime.GOARCH,
		m.versions[0], m.date.Format("2 January 2006"), strings.Join(m.versions[1:], ", "))
}
