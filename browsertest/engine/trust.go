package engine

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"math/big"
	"net"
	"sync"
	"time"
)

// identity is a certificate that every browser started by this process trusts, and no other. It is made anew in each process, and
// is kept in memory alone.
type identity struct {
	pair        tls.Certificate
	fingerprint string // base64 of the SHA-256 of its public key, as Chromium wants it
}

var authority = sync.OnceValue(newIdentity)

// ServerTLS returns a configuration for servers at localhost, names under it of up to three labels, and the loopback
// addresses.
func ServerTLS() *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{authority().pair}, MinVersion: tls.VersionTLS12}
}

// newIdentity panics where the machine has no randomness.
func newIdentity() identity {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()),
		Subject:      pkix.Name{CommonName: "bytecors tests"},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(24 * time.Hour),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		DNSNames:     []string{"localhost", "*.localhost", "*.example.localhost", "*.b.example.localhost"},
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	must(err)
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	must(err)
	sum := sha256.Sum256(public)
	return identity{
		pair:        tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key},
		fingerprint: base64.StdEncoding.EncodeToString(sum[:]),
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
