package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"frontdesk/cmd/frontdesk/certificate"
	"frontdesk/crmcore/bin"
	"frontdesk/guard"
	"frontdesk/pbx"
	"frontdesk/store"
	"frontdesk/store/blob"
)

// Config is the whole configuration file; configs/frontdesk.yaml shows every key with its default and meaning.
type Config struct {
	Data     string        `yaml:"data"`
	Secret   string        `yaml:"secret"` // seals others' passwords in the database; "": that of a file in Data
	Database string        `yaml:"database"`
	Blobs    string        `yaml:"blobs"` // a folder or s3://…
	Bus      string        `yaml:"bus"`
	Node     string        `yaml:"node"`
	Region   string        `yaml:"region"`
	TimeZone string        `yaml:"time_zone"`
	Drain    time.Duration `yaml:"drain"`

	DrainNotice time.Duration `yaml:"drain_notice"`

	Log    LogConfig    `yaml:"log"`
	TLS    TLSConfig    `yaml:"tls"`
	HTTP   HTTPConfig   `yaml:"http"`
	Admin  AdminConfig  `yaml:"admin"`
	SIP    SIPConfig    `yaml:"sip"`
	WebRTC WebRTCConfig `yaml:"webrtc"`
	Mail   MailConfig   `yaml:"mail"`
	Calls  CallsConfig  `yaml:"calls"`
	CRM    bin.Config   `yaml:"crm"`

	Webhooks       WebhooksConfig `yaml:"webhooks"`
	knownPasswords bool           // of a demo; see crmcore.Config
}

type LogConfig struct {
	Level  string `yaml:"level"`  // debug, info, warn, error
	Format string `yaml:"format"` // json, text
}

type TLSConfig struct {
	Cert string           `yaml:"cert"`
	Key  string           `yaml:"key"`
	ACME certificate.ACME `yaml:"acme"`
}

type HTTPConfig struct {
	Listen string `yaml:"listen"`
	URL    string `yaml:"url"`
	TLS    bool   `yaml:"tls"`
	Plain  string `yaml:"plain"` // where http is sent on to https, and authorities of certificates ask
	// PlainSetup lets phones fetch their settings, with passwords, without encryption.
	PlainSetup bool     `yaml:"plain_setup"`
	Proxies    []string `yaml:"proxies"` // addresses or CIDRs of reverse proxies whose X-Forwarded-For is believed
}

type AdminConfig struct {
	Listen string `yaml:"listen"`
	Token  string `yaml:"token"` // who profiles the program shows it; empty: nobody may
}

type SIPConfig struct {
	UDP          string        `yaml:"udp"`
	TCP          string        `yaml:"tcp"`
	TLS          string        `yaml:"tls"`
	WS           string        `yaml:"ws"`
	WSS          string        `yaml:"wss"`
	Origins      []string      `yaml:"origins"`     // hosts of pages that may connect to ws and wss
	Authorities  string        `yaml:"authorities"` // file
	ClearKeys    bool          `yaml:"clear_keys"`
	ExternalIP   string        `yaml:"external_ip"`
	Realm        string        `yaml:"realm"`
	RTPPorts     string        `yaml:"rtp_ports"`
	MediaTimeout time.Duration `yaml:"media_timeout"`
	Cluster      string        `yaml:"cluster"` // IP address that the other nodes reach this one at
	Proxies      []string      `yaml:"proxies"` // addresses or CIDRs of our own SIP proxies whose Via is believed
}

type WebRTCConfig struct {
	UDP        []string   `yaml:"udp"`
	TCP        string     `yaml:"tcp"`
	ExternalIP string     `yaml:"external_ip"`
	Loopback   bool       `yaml:"loopback"`
	TURN       TURNConfig `yaml:"turn"`
}

type TURNConfig struct {
	Listen  string `yaml:"listen"`
	RelayIP string `yaml:"relay_ip"`
	Secret  string `yaml:"secret"`
}

// WebhooksConfig is where events may be sent to, besides the internet.
type WebhooksConfig struct {
	Allow []string `yaml:"allow"` // addresses or CIDRs
}

// CallsConfig is how much this machine carries; who comes over it is told so.
type CallsConfig struct {
	Max     int           `yaml:"max"`     // calls and meetings at once
	Longest time.Duration `yaml:"longest"` // from the answer
	Meeting int           `yaml:"meeting"` // parties of one meeting
	Lookup  time.Duration `yaml:"lookup"`  // how long a call waits for who calls
	Speech  string        `yaml:"speech"`  // path of espeak-ng

	Words WordsConfig `yaml:"words"`
}

// WordsConfig is where models may be that write down what is said in recordings, besides the internet.
type WordsConfig struct {
	Allow []string `yaml:"allow"` // addresses or CIDRs
}

// exchange is what the file says for calls.
func (c *Config) exchange(members *store.Members) pbx.Config {
	return pbx.Config{Node: c.Node, Members: members, MaxCalls: c.Calls.Max, MaxCall: c.Calls.Longest,
		MaxLegs: c.Calls.Meeting, MaxLookup: c.Calls.Lookup, Gather: 25 * time.Millisecond}
}

// defaults are the values of keys that the file does not name. What has no listen address is switched off.
func defaults() Config {
	return Config{
		Data:     "/var/lib/frontdesk",
		Region:   "RO",
		TimeZone: "Europe/Bucharest",
		Drain:    2 * time.Minute,

		DrainNotice: 3 * time.Second,

		CRM:   bin.Config{Days: 30},
		Log:   LogConfig{Level: "info", Format: "json"},
		HTTP:  HTTPConfig{Listen: "127.0.0.1:8080"},
		Admin: AdminConfig{Listen: "127.0.0.1:9090"},
		SIP:   SIPConfig{RTPPorts: "20000-21999", MediaTimeout: 30 * time.Second, Realm: "frontdesk"},
		Mail: MailConfig{Deliver: "mx", MaxSize: 50 << 20,
			Blocklists: []string{"zen.spamhaus.org", "bl.spamcop.net", "b.barracudacentral.org", "psbl.surriel.com"}},
		Calls: CallsConfig{Max: 1000, Longest: 4 * time.Hour, Meeting: 25, Lookup: 300 * time.Millisecond},
	}
}

// loadConfig reads and checks a file. An unknown key, a wrong type or a contradiction is an error that shows the place.
func loadConfig(path string) (Config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Config{}, fmt.Errorf("configuration: %w", err)
	}
	c, err := parseConfig(text)
	if err != nil {
		return Config{}, fmt.Errorf("configuration %s:\n%w", path, err)
	}
	return c, nil
}

// secret finds what must not be shown with the lines around an error.
var secret = regexp.MustCompile(`(?m)(://|(?:password|secret):\s*)\S.*$`)

func parseConfig(text []byte) (Config, error) {
	c := defaults()
	var document map[string]any
	// an empty document would clear the defaults
	if err := yaml.Unmarshal(text, &document); err != nil || len(document) > 0 {
		if err := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()).Decode(&c); err != nil {
			return Config{}, errors.New(secret.ReplaceAllString(yaml.FormatError(err, false, true), "${1}…"))
		}
	}
	c.fill()
	return c, c.check()
}

// fill derives what is left empty.
func (c *Config) fill() {
	if c.Database == "" {
		c.Database = "sqlite://" + filepath.Join(c.Data, "frontdesk.db")
	}
	if c.Blobs == "" {
		c.Blobs = filepath.Join(c.Data, "blobs")
	}
	if c.Node == "" {
		c.Node = nodeName()
	}
	if c.Mail.Hostname == "" {
		c.Mail.Hostname, _ = os.Hostname()
	}
}

// nodeName is made of the machine's name.
func nodeName() string {
	host, _ := os.Hostname()
	label, _, _ := strings.Cut(strings.ToLower(host), ".")
	name := strings.Trim(regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(label, "-"), "-")
	name = strings.TrimRight(name[:min(len(name), maxNode)], "-")
	return cmp.Or(name, "node")
}

const maxNode = 24 // characters of a node's name: it is part of names with a limit of their own, see webrtc.Config

// aNode is a name that can stand in subjects of the bus and ids.
var aNode = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)

func (c *Config) check() error {
	var errs []error
	bad := func(key, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s: "+format, append([]any{key}, args...)...))
	}
	c.checkAddresses(bad)
	c.checkCompany(bad)
	c.checkSIP(bad)
	c.checkMail(bad)
	c.checkCalls(bad)
	c.checkTLS(bad)
	if c.Log.Format != "json" && c.Log.Format != "text" {
		bad("log.format", "%q is neither json nor text", c.Log.Format)
	}
	return errors.Join(errs...)
}

// complaint says that what a key has can't be used, and why.
type complaint func(key, format string, args ...any)

// checkAddresses: where the program listens, and what it is reached at or reaches.
func (c *Config) checkAddresses(bad complaint) {
	for key, addr := range c.listeners() {
		if _, _, err := net.SplitHostPort(addr); err != nil {
			bad(key, "%q is not an address like 127.0.0.1:5060", addr)
		}
	}
	for key, ip := range map[string]string{"sip.external_ip": c.SIP.ExternalIP, "sip.cluster": c.SIP.Cluster,
		"webrtc.external_ip": c.WebRTC.ExternalIP, "webrtc.turn.relay_ip": c.WebRTC.TURN.RelayIP} {
		if ip != "" && net.ParseIP(ip) == nil {
			bad(key, "%q is not an IP address", ip)
		}
	}
	if u, err := url.Parse(c.HTTP.URL); c.HTTP.URL != "" && (err != nil || u.Host == "") {
		bad("http.url", "%q is not a URL like https://desk.example.com", c.HTTP.URL)
	}
	if strings.Contains(c.Blobs, "://") {
		if _, err := blob.ParseS3(c.Blobs); err != nil {
			bad("blobs", "%v", err)
		}
	}
	if _, err := guard.NewEgress(c.Webhooks.Allow); err != nil {
		bad("webhooks.allow", "%v", err)
	}
}

// checkCompany: what this node is called, and where the company is.
func (c *Config) checkCompany(bad complaint) {
	if !aNode.MatchString(c.Node) || len(c.Node) > maxNode {
		bad("node", "%q is not a name of up to %d small letters, digits and hyphens", c.Node, maxNode)
	}
	if _, err := time.LoadLocation(c.TimeZone); err != nil {
		bad("time_zone", "%q is not a time zone name like Europe/Bucharest", c.TimeZone)
	}
	if len(c.Region) != 2 || c.Region != strings.ToUpper(c.Region) {
		bad("region", "%q is not a country code like RO", c.Region)
	}
}

func (c *Config) checkSIP(bad complaint) {
	for _, p := range c.SIP.Proxies {
		if _, err := netip.ParsePrefix(p); err != nil && net.ParseIP(p) == nil {
			bad("sip.proxies", "%q is neither an address nor a network like 10.0.0.0/24", p)
		}
	}
	if c.SIP.TLS != "" && c.SIP.UDP == "" && c.SIP.TCP == "" {
		bad("sip.tls", "needs sip.udp or sip.tcp beside it: 127.0.0.1:5060 will do, where nobody else uses it")
	}
	for _, o := range c.SIP.Origins {
		if _, err := path.Match(o, ""); err != nil || o == "*" || strings.Contains(o, "/") {
			bad("sip.origins", "%q is no host like app.example.com or *.example.com", o)
		}
	}
	if _, _, err := portRange(c.SIP.RTPPorts); err != nil {
		bad("sip.rtp_ports", "%v", err)
	}
}

func (c *Config) checkTLS(bad complaint) {
	if (c.TLS.Cert == "") != (c.TLS.Key == "") {
		bad("tls", "cert and key go together")
	}
	if c.TLS.ACME.Directory == "" {
		return
	}
	if c.TLS.Cert != "" {
		bad("tls", "certificates come from files (cert, key) or are ordered (acme.directory), not both")
	}
	c.TLS.ACME.Check(func(key, format string, args ...any) { bad("tls.acme."+key, format, args...) })
}

func (c *Config) checkMail(bad complaint) {
	switch c.Mail.Deliver {
	case "mx", "none":
	case "smarthost":
		if c.Mail.SmartHost == "" {
			bad("mail.smarthost", "deliver: smarthost needs a host:port here")
		}
	default:
		bad("mail.deliver", "%q is none of mx, smarthost, none", c.Mail.Deliver)
	}
}

func (c *Config) checkCalls(bad complaint) {
	if c.Calls.Max < 1 || c.Calls.Meeting < 2 || c.Calls.Longest < time.Minute {
		bad("calls", "max is at least 1, meeting at least 2 and longest at least 1m")
	}
	if _, err := exec.LookPath(c.Calls.Speech); c.Calls.Speech != "" && err != nil {
		bad("calls.speech", "%v", err)
	}
	if _, err := guard.NewEgress(c.Calls.Words.Allow); err != nil {
		bad("calls.words.allow", "%v", err)
	}
	if c.Calls.Lookup <= 0 || c.Calls.Lookup > 10*time.Second {
		bad("calls.lookup", "%v is not between 1ms and 10s", c.Calls.Lookup)
	}
}

// listeners are the addresses named in the file, by key.
func (c *Config) listeners() map[string]string {
	all := map[string]string{
		"http.listen": c.HTTP.Listen, "http.plain": c.HTTP.Plain, "admin.listen": c.Admin.Listen,
		"sip.udp": c.SIP.UDP, "sip.tcp": c.SIP.TCP,
		"sip.tls": c.SIP.TLS,
		"sip.ws":  c.SIP.WS, "sip.wss": c.SIP.WSS,
		"webrtc.tcp": c.WebRTC.TCP, "webrtc.turn.listen": c.WebRTC.TURN.Listen, "mail.smtp": c.Mail.SMTP,
		"mail.submission":  c.Mail.Submission,
		"mail.submissions": c.Mail.Submissions, "mail.imap": c.Mail.IMAP, "mail.imaps": c.Mail.IMAPS,
	}
	for i, addr := range c.WebRTC.UDP {
		all[fmt.Sprintf("webrtc.udp[%d]", i)] = addr
	}
	for key, addr := range all {
		if addr == "" {
			delete(all, key)
		}
	}
	return all
}

// portRange reads "20000-21999"; nothing is 0 to 0, any free port.
func portRange(s string) (low, high int, err error) {
	if s == "" {
		return 0, 0, nil
	}
	a, b, ok := strings.Cut(s, "-")
	low, err1 := strconv.Atoi(strings.TrimSpace(a))
	high, err2 := strconv.Atoi(strings.TrimSpace(b))
	if !ok || err1 != nil || err2 != nil || low < 1 || high > 65535 || high-low < 3 {
		return 0, 0, fmt.Errorf("%q is not a range of at least four ports like 20000-21999", s)
	}
	return low, high, nil
}
