package api

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"frontdesk/store"
)

const (
	SessionCookie = "frontdesk_session"
	SessionIdle   = 7 * 24 * time.Hour  // a session ends when unused for so long …
	sessionLife   = 30 * 24 * time.Hour // … and in any case after this
	sessionTouch  = time.Minute         // how exactly the last use is kept
)

// sessions are the log-ins of browsers. They are in SQL alone, so that any node knows them.
type sessions struct {
	db  *store.DB
	Now func() time.Time
}

func NewSessions(db *store.DB, now func() time.Time) sessions { return sessions{db, now} }

// Start makes a session and returns its secret.
func (s sessions) Start(ctx context.Context, user string, v *Visit) (string, error) {
	token, now := secret(), s.Now()
	_, err := s.db.Exec(ctx, `INSERT INTO session (id, user_id, created_at, seen_at, expires_at, ip, agent) VALUES ($1, $2, $3, $3, $4, $5, $6)`,
		Digest(token), user, store.Micros(now), store.Micros(now.Add(sessionLife)), v.IP, Cut(v.Agent, 200))
	return token, err
}

// found is what a session is asked for.
type found struct {
	user, policy string // policy: as it is kept
	factors      int    // that the user has
}

// find returns whose a session is; sql.ErrNoRows when there is none, or it has expired.
func (s sessions) find(ctx context.Context, token string) (f found, id string, err error) {
	id = Digest(token)
	now := s.Now()
	var seen int64
	err = s.db.QueryRow(ctx, `SELECT s.user_id, s.seen_at,
		COALESCE((SELECT value FROM setting WHERE name = 'security'), ''),
		(SELECT COUNT(*) FROM second_factor f WHERE f.user_id = s.user_id AND f.confirmed)
		FROM session s WHERE s.id = $1 AND s.expires_at > $2 AND s.seen_at > $3`,
		id, store.Micros(now), store.Micros(now.Add(-SessionIdle))).Scan(&f.user, &seen, &f.policy, &f.factors)
	if err == nil && now.Sub(store.Time(seen)) > sessionTouch {
		_, err = s.db.Exec(ctx, `UPDATE session SET seen_at = $1 WHERE id = $2`, store.Micros(now), id)
	}
	return f, id, err
}

// maxAsked is how many log-ins are asked about at once.
const maxAsked = 500

// Good are those of the keys, of sessions and of API tokens, whose log-in counts still.
func (s sessions) Good(ctx context.Context, keys []string) (map[string]bool, error) {
	all := map[string]bool{}
	for some := range slices.Chunk(keys, maxAsked) {
		args, marks := []any{store.Micros(s.Now())}, make([]string, len(some))
		for i, key := range some {
			args, marks[i] = append(args, key), "$"+strconv.Itoa(i+2)
		}
		in := "(" + strings.Join(marks, ", ") + ")"
		found, err := QueryAll(ctx, s.db, func(rows store.Row) (key string, err error) { return key, rows.Scan(&key) },
			`SELECT s.id FROM session s JOIN app_user u ON u.id = s.user_id WHERE u.active AND s.expires_at > $1 AND s.id IN `+in+`
			UNION ALL SELECT t.hash FROM api_token t JOIN app_user u ON u.id = t.user_id
			WHERE u.active AND (t.expires_at = 0 OR t.expires_at > $1) AND t.hash IN `+in, args...)
		if err != nil {
			return nil, err
		}
		for _, key := range found {
			all[key] = true
		}
	}
	return all, nil
}

func (s sessions) End(ctx context.Context, id string) error {
	_, err := s.db.Exec(ctx, `DELETE FROM session WHERE id = $1`, id)
	return err
}

// EndAll ends the sessions of a user, except one ("" for none).
func (s sessions) EndAll(ctx context.Context, user, except string) error {
	_, err := s.db.Exec(ctx, `DELETE FROM session WHERE user_id = $1 AND id <> $2`, user, except)
	return err
}

// EndSessions ends all log-ins of a user in browsers, where no server is at hand. Those that run close the user's
// sockets a little later.
func EndSessions(ctx context.Context, db *store.DB, user string) error {
	return NewSessions(db, time.Now).EndAll(ctx, user, "")
}

func (s sessions) Prune(ctx context.Context) error {
	now := s.Now()
	_, err := s.db.Exec(ctx, `DELETE FROM session WHERE expires_at <= $1 OR seen_at <= $2`, store.Micros(now),
		store.Micros(now.Add(-SessionIdle)))
	return err
}

// Cookie carries the secret of a session, or with "" removes it.
func Cookie(v *Visit, token string) http.Cookie {
	c := http.Cookie{
		Name: SessionCookie, Value: token, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode,
		Secure: v.HTTPS, MaxAge: int(sessionLife / time.Second),
	}
	if token == "" {
		c.MaxAge = -1
	}
	return c
}
