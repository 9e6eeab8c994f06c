package engine

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// console is the messages that one has shown.
type console struct {
	mu       sync.Mutex
	messages []string
	changed  *signal
}

func newConsole() *console { return &console{changed: newSignal()} }

func (c *console) add(message string) {
	c.mu.Lock()
	c.messages = append(c.messages, message)
	c.mu.Unlock()
	c.changed.raise()
}

func (c *console) Console() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.messages)
}

func (c *console) AwaitConsole(pattern *regexp.Regexp) (string, error) {
	return awaitMessage(c.changed, c.Console, pattern)
}

func awaitMessage(changed *signal, messages func() []string, pattern *regexp.Regexp) (found string, err error) {
	err = changed.await(consoleTimeout, func() bool {
		i := slices.IndexFunc(messages(), pattern.MatchString)
		if i >= 0 {
			found = messages()[i]
		}
		return i >= 0
	})
	if err != nil {
		err = fmt.Errorf("no message of the console matches %s (%w), but there are\n%s", pattern, err, strings.Join(messages(), "\n"))
	}
	return found, err
}
