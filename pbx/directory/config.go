package directory

import (
	"cmp"
	"context"
)

// Config of the directory.
type Config struct {
	Node   string // id of this node; phones register at it
	Region string // ISO 3166 code of the country whose national numbers people dial, default "RO"
	Realm  string // of digest authentication, default "frontdesk"; changing it invalidates all device passwords

	// Departments are those that users are in, by user, each with the ones above; nil: there are none. Announce follows
	// each change of them.
	Departments func(context.Context) (map[string][]string, error)
}

func (c Config) withDefaults() Config {
	c.Region, c.Realm = cmp.Or(c.Region, "RO"), cmp.Or(c.Realm, "frontdesk")
	return c
}
