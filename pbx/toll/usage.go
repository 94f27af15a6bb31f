package toll

import (
	"time"

	"frontdesk/store"
)

// window are the moments since which is counted. Night is that of now, or now where it is day.
type window struct{ now, day, night time.Time }

const (
	// longest is when a call counts as over whose end nobody wrote.
	longest = 24 * time.Hour
	// written is how long after its beginning a call's record has to stand: one without it never came to be.
	written = time.Minute
	// cents are what a price is kept in: hundredths of hundredths.
	cents = 10_000
)

// counted reads the usage of the calls that a column names. A charge that nobody ended is when its call's record is:
// that of a node which died, for one.
func (w window) counted(column, id string, into *usage) store.Read {
	ago := func(d time.Duration) int64 { return store.Micros(w.now.Add(-d)) }
	return store.Read{
		Query: `SELECT ` + count(`refused = '' AND until = 0`) + `, ` + count(`refused = '' AND begun_at > $5`) + `, ` +
			sum(`begun_at >= $6`, talked) + `, ` + sum(`begun_at >= $6`, talked+` * price / 60`) + `, ` +
			sum(`begun_at >= $7`, talked) + `, ` + sum(`begun_at >= $7`, talked+` * price / 60`) + `, ` +
			count(`refused = '' AND abroad AND begun_at > $8`) + `, ` + count(`refused <> '' AND begun_at > $9`) + `
			FROM (SELECT t.begun_at, t.answered_at, t.abroad, t.price, t.refused,
				CASE WHEN t.ended_at > 0 THEN t.ended_at WHEN r.ended_at > 0 THEN r.ended_at
					WHEN r.id IS NULL AND t.begun_at < $4 THEN t.begun_at ELSE 0 END AS until
				FROM toll_call t LEFT JOIN call_record r ON r.id = t.call
				WHERE t.` + column + ` = $1 AND t.begun_at > $2 AND t.begun_at <= $3) AS counted`,
		Args: []any{id, min(ago(longest), store.Micros(w.day)), store.Micros(w.now), ago(written), ago(time.Minute),
			store.Micros(w.day), store.Micros(w.night), ago(time.Hour), ago(10 * time.Minute)},
		Line: func(row store.Row) error {
			var day, night int64
			err := row.Scan(&into.together, &into.minute, &into.day.seconds, &day, &into.night.seconds, &night,
				&into.abroad, &into.refused)
			into.day.cost, into.night.cost = float64(day)/cents, float64(night)/cents
			return err
		},
	}
}

// talked are the seconds of a call so far.
const talked = `CASE WHEN answered_at = 0 THEN 0 WHEN until = 0 THEN ($3 - answered_at) / 1000000
	ELSE (until - answered_at) / 1000000 END`

func count(which string) string { return sum(which, "1") }

func sum(which, what string) string {
	return `CAST(COALESCE(SUM(CASE WHEN ` + which + ` THEN ` + what + ` ELSE 0 END), 0) AS BIGINT)`
}

// busiest reads the most calls abroad that a payer has had within an hour by the clock, in the 30 days before the hour
// that ends now.
func (w window) busiest(payer string) (text string, args []any) {
	return `SELECT COALESCE(MAX(n), 0) FROM (SELECT COUNT(*) AS n FROM toll_call
			WHERE payer = $1 AND begun_at > $2 AND begun_at <= $3 AND abroad AND refused = ''
			GROUP BY begun_at / 3600000000) AS hours`,
		[]any{payer, store.Micros(w.now.AddDate(0, 0, -30)), store.Micros(w.now.Add(-time.Hour))}
}
