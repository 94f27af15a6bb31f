package crmcore

import (
	"context"
	"errors"
	"time"
)

const maxHashing = 2

var errSoon = errors.New("not built yet")

// NewUser is a user to create.
type NewUser struct {
	User
	Password string `json:"password"`
}

// Token is a key for the API. Its secret is told once, when it is made.
type Token struct {
	ID      string    `json:"id"`
	User    string    `json:"user"`
	Name    string    `json:"name"`
	Created time.Time `json:"created"`
	Used    time.Time `json:"used"` // last use, to the minute
}

func (c *Core) Login(ctx context.Context, login, password string) (User, error) {
	return User{}, errSoon
}
func (c *Core) TokenUser(ctx context.Context, token string) (User, error) { return User{}, errSoon }
func (c *Core) CreateToken(ctx context.Context, actor User, user, name string) (Token, string, error) {
	return Token{}, "", errSoon
}
func (c *Core) Tokens(ctx context.Context, actor User, user string) ([]Token, error) {
	return nil, errSoon
}
func (c *Core) DeleteToken(ctx context.Context, actor User, id string) error { return errSoon }
func (c *Core) User(ctx context.Context, id string) (User, error)            { return User{}, errSoon }
func (c *Core) Users(ctx context.Context) ([]User, error)                    { return nil, errSoon }
func (c *Core) CreateUser(ctx context.Context, actor User, u NewUser) (User, error) {
	return User{}, errSoon
}
func (c *Core) UpdateUser(ctx context.Context, actor User, u User) (User, error) {
	return User{}, errSoon
}

// SetPassword: admins for anybody, a user for himself.
func (c *Core) SetPassword(ctx context.Context, actor User, user, password string) error {
	return errSoon
}
func (c *Core) Departments(ctx context.Context) ([]Department, error) { return nil, errSoon }
func (c *Core) CreateDepartment(ctx context.Context, actor User, d Department) (Department, error) {
	return d, errSoon
}
func (c *Core) UpdateDepartment(ctx context.Context, actor User, d Department) (Department, error) {
	return d, errSoon
}
func (c *Core) DeleteDepartment(ctx context.Context, actor User, id string) error { return errSoon }

func (c *Core) CreateContact(ctx context.Context, actor User, in Contact) (Contact, error) {
	return in, errSoon
}
func (c *Core) Contact(ctx context.Context, actor User, id string) (Contact, error) {
	return Contact{}, errSoon
}
func (c *Core) UpdateContact(ctx context.Context, actor User, in Contact) (Contact, error) {
	return in, errSoon
}
func (c *Core) Contacts(ctx context.Context, actor User, f Filter) (List[Contact], error) {
	return List[Contact]{}, errSoon
}
func (c *Core) CreateCompany(ctx context.Context, actor User, in Company) (Company, error) {
	return in, errSoon
}
func (c *Core) Company(ctx context.Context, actor User, id string) (Company, error) {
	return Company{}, errSoon
}
func (c *Core) UpdateCompany(ctx context.Context, actor User, in Company) (Company, error) {
	return in, errSoon
}
func (c *Core) Companies(ctx context.Context, actor User, f Filter) (List[Company], error) {
	return List[Company]{}, errSoon
}
func (c *Core) CreateLead(ctx context.Context, actor User, in Lead) (Lead, error) { return in, errSoon }
func (c *Core) Lead(ctx context.Context, actor User, id string) (Lead, error) {
	return Lead{}, errSoon
}
func (c *Core) UpdateLead(ctx context.Context, actor User, in Lead) (Lead, error) { return in, errSoon }
func (c *Core) Leads(ctx context.Context, actor User, f Filter) (List[Lead], error) {
	return List[Lead]{}, errSoon
}
func (c *Core) CreateDeal(ctx context.Context, actor User, in Deal) (Deal, error) { return in, errSoon }
func (c *Core) Deal(ctx context.Context, actor User, id string) (Deal, error) {
	return Deal{}, errSoon
}
func (c *Core) UpdateDeal(ctx context.Context, actor User, in Deal) (Deal, error) { return in, errSoon }
func (c *Core) Deals(ctx context.Context, actor User, f Filter) (List[Deal], error) {
	return List[Deal]{}, errSoon
}

// StageSum is a column head of the board: what the actor may read of a stage.
type StageSum struct {
	Stage    string `json:"stage"`
	Currency string `json:"currency"`
	Count    int64  `json:"count"`
	Amount   int64  `json:"amount"` // in cents
}

func (c *Core) DealSums(ctx context.Context, actor User, pipeline string) ([]StageSum, error) {
	return nil, errSoon
}
func (c *Core) MoveDeal(ctx context.Context, actor User, id, stage string) (Deal, error) {
	return Deal{}, errSoon
}

// Delete removes a record of any kind; its calls and mails stay in the log.
func (c *Core) Delete(ctx context.Context, actor User, ref Ref) error { return errSoon }

// Assign makes user responsible; his predecessor's open tasks on the record go along.
func (c *Core) Assign(ctx context.Context, actor User, ref Ref, user string) error { return errSoon }

// Conversion says what becomes of a lead.
type Conversion struct {
	Contact string `json:"contact,omitempty"` // id of an existing contact; "": a new one with the lead's name and points
	Company string `json:"company,omitempty"` // id of an existing company; "": a new one when the lead names one
	Deal    *Deal  `json:"deal,omitempty"`    // nil: none; its title defaults to the lead's
}

// Converted is what became of it.
type Converted struct {
	Lead    Lead     `json:"lead"`
	Contact Contact  `json:"contact"`
	Company *Company `json:"company,omitempty"`
	Deal    *Deal    `json:"deal,omitempty"`
}

func (c *Core) ConvertLead(ctx context.Context, actor User, id string, how Conversion) (Converted, error) {
	return Converted{}, errSoon
}
func (c *Core) Pipelines(ctx context.Context) ([]Pipeline, error) { return nil, errSoon }

// SavePipeline creates (ID "") or replaces a pipeline with its stages in order; stages without ID are new.
func (c *Core) SavePipeline(ctx context.Context, actor User, p Pipeline) (Pipeline, error) {
	return p, errSoon
}
func (c *Core) DeletePipeline(ctx context.Context, actor User, id string) error { return errSoon }

// Card is all about one record, as a touch would open it.
func (c *Core) Card(ctx context.Context, actor User, ref Ref) (CardView, error) {
	return CardView{}, errSoon
}
func (c *Core) Timeline(ctx context.Context, actor User, ref Ref, p Page) (List[Activity], error) {
	return List[Activity]{}, errSoon
}
func (c *Core) Activity(ctx context.Context, actor User, id string) (Activity, error) {
	return Activity{}, errSoon
}
func (c *Core) AddNote(ctx context.Context, actor User, ref Ref, body string) (Activity, error) {
	return Activity{}, errSoon
}

// NewTask is a task to add; User defaults to the actor.
type NewTask struct {
	Title string     `json:"title"`
	Body  string     `json:"body,omitempty"`
	User  string     `json:"user,omitempty"`
	Due   *time.Time `json:"due,omitempty"`
}

func (c *Core) AddTask(ctx context.Context, actor User, ref Ref, t NewTask) (Activity, error) {
	return Activity{}, errSoon
}

// SetDone closes a task or opens it again.
func (c *Core) SetDone(ctx context.Context, actor User, task string, done bool) (Activity, error) {
	return Activity{}, errSoon
}

// Choose says which of several candidates a call or mail was with: it stays on that timeline alone.
func (c *Core) Choose(ctx context.Context, actor User, activity string, ref Ref) (Activity, error) {
	return Activity{}, errSoon
}

// Day is what waits for a user.
type Day struct {
	Missed []Activity `json:"missed"` // follow-up tasks of calls nobody took and nobody called back yet
	Tasks  []Activity `json:"tasks"`  // other open tasks, due first
	Mails  []Activity `json:"mails"`  // mails nobody answered yet, oldest first
}

func (c *Core) MyDay(ctx context.Context, actor User) (Day, error) { return Day{}, errSoon }

// Rule routes unknown callers and senders: the first active one whose condition holds wins.
type Rule struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Position int64     `json:"position"`
	Active   bool      `json:"active"`
	When     Condition `json:"when"`
	Then     Action    `json:"then"`
}

// Condition is a tree: exactly one of All, Any, Not or Field is set; none: always true.
type Condition struct {
	All    []Condition `json:"all,omitempty"`
	Any    []Condition `json:"any,omitempty"`
	Not    *Condition  `json:"not,omitempty"`
	Field  string      `json:"field,omitempty"`  // source, direction, line, address, name, subject, country, language, weekday, time
	Op     string      `json:"op,omitempty"`     // is, starts, contains; time: between
	Values []string    `json:"values,omitempty"` // any of them; time: from and to as "15:04", to may be past midnight
}

// Action is what a rule does.
type Action struct {
	Create     bool   `json:"create"` // make a lead
	Assign     string `json:"assign"` // user, department, next_available, admin
	User       string `json:"user,omitempty"`
	Department string `json:"department,omitempty"`
}

// Decision is what the rules say about a touch.
type Decision struct {
	Rule       string `json:"rule"` // name; "": none applied
	RuleID     string `json:"rule_id"`
	Create     bool   `json:"create"`
	User       string `json:"user"`
	Department string `json:"department"`
}

// TraceStep tells how one rule was judged.
type TraceStep struct {
	Rule    string `json:"rule"`
	Name    string `json:"name"`
	Matched bool   `json:"matched"`
	Why     string `json:"why"`
}

func (c *Core) Rules(ctx context.Context) ([]Rule, error) { return nil, errSoon }

// SaveRule creates (ID "") or replaces a rule.
func (c *Core) SaveRule(ctx context.Context, actor User, r Rule) (Rule, error) { return r, errSoon }
func (c *Core) DeleteRule(ctx context.Context, actor User, id string) error    { return errSoon }

// OrderRules sets the order of all rules by their ids; the built-in one stays last.
func (c *Core) OrderRules(ctx context.Context, actor User, ids []string) error { return errSoon }
func (c *Core) DryRun(ctx context.Context, t Touch) ([]TraceStep, Decision, error) {
	return nil, Decision{}, errSoon
}

// Receive takes a touch and answers with the card to open. It is idempotent on (Channel, Key).
func (c *Core) Receive(ctx context.Context, t Touch) (Card, error) { return Card{}, errSoon }

// Redact leaves of the card what the user may read: name and responsible of the others, with Readable false.
func (c *Core) Redact(ctx context.Context, card Card, user User) (Card, error) { return card, errSoon }

// ParsePhone reads a number as a person typed it or a wire carried it.
func ParsePhone(raw, region string) (Address, error) { return Address{}, errSoon }

// ParseEmail reads a mailbox address.
func ParseEmail(raw string) (Address, error) { return Address{}, errSoon }
