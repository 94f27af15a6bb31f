package web

import (
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/bus"
	"frontdesk/crmcore"
	"frontdesk/crmcore/automation"
	"frontdesk/crmcore/calling"
	"frontdesk/crmcore/offer"
	"frontdesk/crmcore/secondfactor"
	"frontdesk/guard"
	"frontdesk/guard/acme"
	"frontdesk/mail"
	"frontdesk/mail/bounce"
	"frontdesk/mail/carbon"
	"frontdesk/mail/compose"
	"frontdesk/mail/desk"
	"frontdesk/mail/domain"
	"frontdesk/mail/exclusion"
	"frontdesk/mail/greylist"
	"frontdesk/mail/limit"
	"frontdesk/mail/passwords"
	"frontdesk/mail/quarantine"
	"frontdesk/mail/queue"
	"frontdesk/mail/relay"
	"frontdesk/mail/remote"
	"frontdesk/mail/reports"
	"frontdesk/mail/rules"
	"frontdesk/mail/tally"
	"frontdesk/mail/team"
	"frontdesk/pbx"
	"frontdesk/pbx/directory"
	"frontdesk/pbx/prompts"
	"frontdesk/pbx/recording"
	"frontdesk/pbx/supervision"
	"frontdesk/pbx/toll"
	"frontdesk/pbx/voicemail"
	"frontdesk/pbx/words"
	"frontdesk/sip"
	"frontdesk/store"
	"frontdesk/web/api"
	"frontdesk/web/crmapi"
	"frontdesk/web/live"
	"frontdesk/web/mailapi"
	"frontdesk/web/provision"
	"frontdesk/webhook"
	"frontdesk/webrtc"
)

// Config of the web room.
type Config struct {
	Node    string `yaml:"-"`          // id of this node
	Version string `yaml:"-"`          // of the program
	Region  string `yaml:"-"`          // ISO 3166 country of national numbers; default "RO"
	URL     string `yaml:"public_url"` // how browsers reach us, when it is not the address we listen on
	MaxMail int64  `yaml:"-"`          // bytes of a mail; default 50 MiB
	// PlainSetup lets phones fetch their settings, with passwords, without encryption.
	PlainSetup bool     `yaml:"-"`
	Proxies    []string `yaml:"proxies"` // addresses or CIDRs of proxies whose X-Forwarded-For and -Proto are believed
}

// Deps are the rooms behind the door. Demo, Listeners, SIP and Logins may be missing.
type Deps struct {
	DB           *store.DB
	Members      *store.Members
	Bus          *bus.Bus
	Hub          *live.Hub
	Core         *crmcore.Core
	Directory    *directory.Directory
	Exchange     *pbx.Exchange
	Prompts      *prompts.Prompts
	Voicemail    *voicemail.Messages
	Recordings   *recording.Recordings
	Words        *words.Words
	Supervision  *supervision.Book
	Tolls        *toll.Tolls
	Calling      *calling.Lists
	Offers       *offer.Offers
	Automation   *automation.Automation
	Factors      *secondfactor.Factors
	Mail         *mail.Box
	Queue        *queue.Queue
	Domains      *domain.Checker
	Passwords    *passwords.Passwords
	Hosts        *relay.Hosts
	Limits       *limit.Limits
	Dead         *bounce.List
	Quarantine   *quarantine.Keeper
	Greylist     *greylist.List
	Carbon       *carbon.Book
	Exclusions   *exclusion.List
	Reports      *reports.Book
	Telling      *tally.Reporter
	Scanner      bool         // mail is scanned for viruses
	Certificates *acme.Keeper // nil: none are ordered
	Desk         *desk.Desk
	Team         *team.Team
	Kit          *compose.Kit
	Rules        *rules.Sorter
	Elsewhere    *remote.Accounts
	Calls        *webrtc.Tabs
	SIP          *sip.Server
	Events       *store.EventLog
	Webhooks     *webhook.Webhooks
	Demo         *Demo
	Logins       *guard.Logins // shared with the other doors that take the same passwords
	Listeners    func() []Listener
	Resync       func(device string) // has a desk phone fetch its settings anew
	Log          *slog.Logger
	Metrics      prometheus.Registerer
}

// Listener is an address this node listens on.
type Listener struct {
	Name    string `json:"name" doc:"http, sip_udp, smtp …"`
	Address string `json:"address"`
}

// Server answers HTTP requests. Make it with New.
type Server struct {
	cfg     Config
	deps    Deps
	log     *slog.Logger
	hub     *live.Hub
	metrics *metrics
	gate    *api.Gate
	frame   *api.Frame
	crm     *crmapi.Operations
	mails   *mailapi.Operations
	live    *live.Server
	phones  *provision.Server
	mux     *http.ServeMux
	handler http.Handler
	events  *store.EventLog
	streams *guard.Counter[string]
	bell    *store.Bell
	proxies proxies
	origins []string
	started time.Time

	closing chan struct{}
	once    sync.Once
	tasks   sync.WaitGroup
	stops   []func()
}
