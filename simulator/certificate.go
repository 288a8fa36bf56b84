package main

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"math/big"
	"net"
	"time"

	"github.com/vmware/govmomi/vim25/mo"
	"github.com/vmware/govmomi/vim25/types"
)

// A keyPair is a certificate of our own making, as PEM, and its pin.
type keyPair struct {
	TLS         tls.Certificate
	Certificate []byte
	Pin         string
}

// selfSigned makes a certificate for these names and addresses. It is a leaf and its own CA, as on a fresh vCenter.
func selfSigned(key crypto.Signer, names []string, begin, end time.Time) (keyPair, error) {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(end.Unix()), Subject: pkix.Name{CommonName: names[0], Organization: []string{"Alborz"}},
		NotBefore: begin, NotAfter: end, BasicConstraintsValid: true, IsCA: true,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, name := range names {
		if address := net.ParseIP(name); address != nil {
			template.IPAddresses = append(template.IPAddresses, address)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return keyPair{}, err
	}
	digest := sha256.Sum256(der)
	return keyPair{
		TLS:         tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key},
		Certificate: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		Pin:         hex.EncodeToString(digest[:]),
	}, nil
}

type certificateManager struct{ mo.HostCertificateManager }

// Reference makes it an object of the registry: govmomi gives this type none of its own.
func (m *certificateManager) Reference() types.ManagedObjectReference { return m.Self }

func certificateInfo(spec Host, clock Clock) types.HostCertificateManagerCertificateInfo {
	status := "good"
	if spec.CertificateDays < 60 {
		status = "expiring"
	}
	return types.HostCertificateManagerCertificateInfo{
		Issuer: "O=Alborz,CN=" + spec.Name, Subject: "O=Alborz,CN=" + spec.Name, Status: status,
		NotBefore: ptr(clock.daysAgo(700)), NotAfter: ptr(clock.daysAgo(-spec.CertificateDays)),
	}
}

// hostCertificate is the same on every run: a host must not seem to change because the simulator was restarted.
func hostCertificate(spec Host, clock Clock) []byte {
	seed := sha256.Sum256([]byte(spec.Name))
	key := ed25519.NewKeyFromSeed(seed[:])
	pair, err := selfSigned(key, []string{spec.Name}, clock.daysAgo(700), clock.daysAgo(-spec.CertificateDays))
	if err != nil {
		panic(err) // the template above is valid, or nothing here works
	}
	return bytes.TrimSpace(pair.Certificate)
}

// serverCertificate is new each time: its pin must never be guessed.
func serverCertificate(names []string) (keyPair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return keyPair{}, err
	}
	now := time.Now()
	return selfSigned(key, names, now.Add(-time.Hour), now.AddDate(1, 0, 0))
}
