package web

import "context"

// Demo is what only a demo company has; without it the operations are not found.
type Demo struct {
	Info DemoInfo
	// Call has a client call number (one of ours; "" picks one), over SIP like the world's.
	Call func(ctx context.Context, number, from string) error
	// Mail has a client write to a mailbox of ours ("" picks one), over SMTP like the world's.
	Mail func(ctx context.Context, to, from string) error
}

// DemoInfo is what the start page of a demo shows.
type DemoInfo struct {
	Domain  string       `json:"domain"`
	Numbers []string     `json:"numbers"`
	Users   []DemoUser   `json:"users"`
	Clients []DemoClient `json:"clients"`
}

// DemoUser is a log-in of the demo company.
type DemoUser struct {
	Login     string `json:"login"`
	Password  string `json:"password"`
	Name      string `json:"name"`
	Extension string `json:"extension"`
	Mailbox   string `json:"mailbox"`
}

// DemoClient is somebody who can be made to call or write.
type DemoClient struct {
	Name   string `json:"name"`
	Number string `json:"number"`
	Email  string `json:"email"`
}

// DemoCallInput says who calls where; what is left out is picked.
type DemoCallInput struct {
	Number string `json:"number,omitempty" maxLength:"30" doc:"One of our numbers"`
	From   string `json:"from,omitempty" maxLength:"30" doc:"The client's number"`
}

// DemoMailInput says who writes to whom; what is left out is picked.
type DemoMailInput struct {
	To   string `json:"to,omitempty" maxLength:"320"`
	From string `json:"from,omitempty" maxLength:"320"`
}
