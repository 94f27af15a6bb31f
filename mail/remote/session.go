package remote

import (
	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// session is one connection, from log-in until it breaks.
type session struct {
	*Accounts
	account *Account
	client  *imapclient.Client
	folders []RemoteFolder
	heard   chan struct{}       // the server says that something changed
	past    map[string][]uint32 // UIDs still to be fetched from the past, by folder, the newest first
	idle    bool
	modseqs bool // CONDSTORE (RFC 7162)
}

// inbox is the folder that IDLE tells of.
func (c *session) inbox() *RemoteFolder {
	for i := range c.folders {
		if c.folders[i].Use == useInbox {
			return &c.folders[i]
		}
	}
	return nil
}

func (c *session) selecting() *imap.SelectOptions { return &imap.SelectOptions{CondStore: c.modseqs} }
