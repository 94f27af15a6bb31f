// Package people knows who works with Frontdesk: users with their log-ins and keys, departments, and what each may
// see.
package people

import (
	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/store"
)

// maxHashing bounds how many passwords are hashed at once (19 MiB and some 33 ms of a core each); others wait.
const maxHashing = 4

// People are all who work with Frontdesk. It is safe for concurrent use.
type People struct {
	db             *store.DB
	knownPasswords bool
	hashing        chan struct{} // a slot for each password hashed at the same time
	logins         *prometheus.CounterVec
}

// New opens them. Where all passwords are known, in tests and the demo, their hashes cost next to nothing.
func New(db *store.DB, knownPasswords bool, reg prometheus.Registerer) *People {
	return &People{db: db, knownPasswords: knownPasswords, hashing: make(chan struct{}, maxHashing),
		logins: newLogins(reg)}
}
