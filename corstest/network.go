package corstest

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"syscall"
)

// describeNetworkError says in words why no response came.
func describeNetworkError(err error) string {
	var (
		lookup  *net.DNSError
		record  tls.RecordHeaderError
		verify  *tls.CertificateVerificationError
		timeout interface{ Timeout() bool }
	)
	switch {
	case errors.As(err, &lookup) && lookup.IsNotFound:
		return fmt.Sprintf("no host has the name %q", lookup.Name)
	case errors.Is(err, syscall.ECONNREFUSED):
		return "the connection was refused: nothing listens there"
	case errors.Is(err, errTLS):
		return "the server speaks TLS: is it https rather than http?"
	case errors.Is(err, errHTTP2):
		return "the server speaks HTTP/2 without TLS, which no browser does: it needs TLS, or HTTP/1.1"
	case errors.Is(err, syscall.ECONNRESET):
		return "the server reset the connection"
	case errors.As(err, &record):
		return "the server does not speak TLS: is it http rather than https?"
	case errors.As(err, &verify):
		return "its TLS certificate is not trusted: " + describeCertificateError(verify.Err)
	case errors.As(err, &timeout) && timeout.Timeout():
		return "it did not come in time"
	}
	return err.Error()
}

func describeCertificateError(err error) string {
	var (
		unknown  x509.UnknownAuthorityError
		hostname x509.HostnameError
		invalid  x509.CertificateInvalidError
	)
	switch {
	case errors.As(err, &unknown):
		return "no known authority signed it (a self-signed certificate?)"
	case errors.As(err, &hostname):
		return "it is for another host"
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "it has expired or is not valid yet"
	}
	return err.Error()
}
