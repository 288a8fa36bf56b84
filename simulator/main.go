// Command vsphere-simulator serves a vCenter or a lone ESXi host that is not there, for the demo, the tests and the bench.
//
// It prints one JSON line when it is ready, then obeys one JSON command a line on its standard input, answering each with
// a JSON line. It ends when its input closes, so that no test leaves a process behind.
package main

import (
	"crypto/tls"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"log"
	"net/url"
	"os"
	"os/signal"
	"syscall"
	"time"

	_ "github.com/vmware/govmomi/vapi/simulator" // tags, under /rest
)

type options struct {
	listen, office, host, username, password, certificate, now string
	machines, hosts, snapshotEvery, page                       int
	esx, hostile, chatty                                       bool
}

// A ready line tells the starter everything a client needs.
type ready struct {
	URL         string `json:"url"`
	Host        string `json:"host"`
	Port        string `json:"port"`
	Certificate string `json:"certificate"` // path of the PEM file, when one was asked for
	PEM         string `json:"pem"`
	SHA256      string `json:"sha256"` // of the DER form, in hex: the pin
	Username    string `json:"username"`
	Password    string `json:"password"`
	Machines    int    `json:"machines"`
}

func main() {
	log.SetFlags(0)
	chosen := parse()
	if !chosen.chatty {
		log.SetOutput(io.Discard)
	}
	if err := serve(chosen); err != nil {
		fmt.Fprintln(os.Stderr, "vsphere-simulator:", err)
		os.Exit(1)
	}
}

func parse() options {
	var o options
	flag.StringVar(&o.listen, "listen", "127.0.0.2:0", "address and port; port 0 takes a free one")
	flag.StringVar(&o.office, "office", "", "serve the demo office `before` or `after` its move to vCenter")
	flag.StringVar(&o.host, "host", "esx01", "which host of the office, with -esx")
	flag.BoolVar(&o.esx, "esx", false, "a lone ESXi host instead of a vCenter")
	flag.IntVar(&o.machines, "vms", 0, "add this many anonymous virtual machines")
	flag.IntVar(&o.hosts, "hosts", 4, "hosts under the anonymous machines")
	flag.IntVar(&o.snapshotEvery, "snapshot-every", 10, "every n-th anonymous machine has two snapshots; 0 for none")
	flag.IntVar(&o.page, "page", 0, "answer in pages of at most so many objects; 0 for never")
	flag.BoolVar(&o.hostile, "hostile", false, "add machines with names and notes meant to hurt")
	flag.StringVar(&o.username, "username", "itops-ro@vsphere.local", "the only account")
	flag.StringVar(&o.password, "password", "demo only", "its password")
	flag.StringVar(&o.certificate, "cert-out", "", "write the server's certificate into this file")
	flag.StringVar(&o.now, "now", "", "the day all ages are counted from, RFC 3339; today when empty")
	flag.BoolVar(&o.chatty, "chatty", false, "log what the simulator library logs")
	flag.Parse()
	return o
}

func serve(o options) error {
	clock, err := newClock(o.now)
	if err != nil {
		return err
	}
	site, err := chooseSite(o)
	if err != nil {
		return err
	}
	world, err := build(site, clock)
	if err != nil {
		return err
	}
	if o.page > 0 {
		usePages(o.page)
	}
	line, address, err := listen(world, o)
	if err != nil {
		return err
	}
	if err := world.addTags(address, line); err != nil {
		return fmt.Errorf("tags: %w", err)
	}
	answers := json.NewEncoder(os.Stdout)
	if err := answers.Encode(line); err != nil {
		return err
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, os.Interrupt)
	ended := make(chan struct{})
	go func() {
		world.obey(os.Stdin, answers)
		close(ended)
	}()
	select {
	case <-signals:
	case <-ended:
	}
	return nil // without closing: that would wait for idle clients
}

func newClock(text string) (Clock, error) {
	if text == "" {
		return Clock{time.Now().UTC().Truncate(24 * time.Hour)}, nil
	}
	now, err := time.Parse(time.RFC3339, text)
	return Clock{now.UTC()}, err
}

func chooseSite(o options) (Site, error) {
	switch {
	case o.office == "before" && o.esx:
		return officeBefore(o.host)
	case o.office == "after" && !o.esx:
		return officeAfter(), nil
	case o.office != "":
		return Site{}, fmt.Errorf("the office is `-office before -esx -host esx01|esx02` or `-office after`")
	}
	return crowd(o), nil
}

func listen(w *world, o options) (ready, *url.URL, error) {
	service := w.model.Service
	address := &url.URL{Host: o.listen, User: url.UserPassword(o.username, o.password)}
	names := []string{address.Hostname(), "127.0.0.1", "localhost", "vc01.example.ir"}
	pair, err := serverCertificate(names)
	if err != nil {
		return ready{}, nil, err
	}
	if o.certificate != "" {
		if err := os.WriteFile(o.certificate, pair.Certificate, 0o644); err != nil {
			return ready{}, nil, err
		}
	}
	service.Listen = address // nil would crash the library
	service.TLS = &tls.Config{Certificates: []tls.Certificate{pair.TLS}, MinVersion: tls.VersionTLS12}
	service.RegisterEndpoints = true
	server := service.NewServer()
	return ready{
		URL: "https://" + server.URL.Host + server.URL.Path, Host: server.URL.Hostname(), Port: server.URL.Port(),
		Certificate: o.certificate, PEM: string(pair.Certificate), SHA256: pair.Pin,
		Username: o.username, Password: o.password, Machines: w.machines,
	}, server.URL, nil
}
