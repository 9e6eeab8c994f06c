//go:build unix && !linux

package proxytest

import "syscall"

func child() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
