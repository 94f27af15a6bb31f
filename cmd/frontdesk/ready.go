package main

// ready is what `demo --ready FILE` writes once everything listens.
type ready struct {
	HTTP        string      `json:"http"`
	SIPUDP      string      `json:"sip_udp"`
	SIPTCP      string      `json:"sip_tcp"`
	SIPWS       string      `json:"sip_ws"`
	SMTP        string      `json:"smtp"`
	Submission  string      `json:"submission"`
	Submissions string      `json:"submissions"`
	IMAP        string      `json:"imap"`
	IMAPS       string      `json:"imaps"`
	Admin       string      `json:"admin"`
	Token       string      `json:"token"`
	Numbers     []string    `json:"numbers"`
	Domain      string      `json:"domain"`
	Users       []readyUser `json:"users"`
}

type readyUser struct {
	Login     string `json:"login"`
	Password  string `json:"password"`
	Extension string `json:"extension"`
	Mailbox   string `json:"mailbox"`
}
