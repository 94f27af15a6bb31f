package store

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/pressly/goose/v3"
)

// additiveFrom is the first migration that an earlier program may meet while it runs: see docs/scale.md, "Upgrade".
const additiveFrom = 50

// Nodes of the previous version run on while the first new one migrates: a migration only adds, in ways that the old
// program's statements do not notice.
func TestMigrationsOnlyAdd(t *testing.T) {
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	checked := 0
	for _, file := range files {
		number, err := goose.NumericComponent(path.Base(file))
		if err != nil {
			t.Fatal(err)
		}
		if number < additiveFrom {
			continue
		}
		text, err := migrations.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		checked++
		for _, problem := range notAdditive(string(text)) {
			t.Errorf("%s: %s", file, problem)
		}
	}
	if checked == 0 {
		t.Error("no migration was checked")
	}
}

// The rule itself tells what breaks an old program from what does not.
func TestRuleOfMigrations(t *testing.T) {
	for statement, allowed := range map[string]bool{
		"CREATE TABLE a (b TEXT NOT NULL, c BIGINT REFERENCES d (id) ON DELETE CASCADE)": true,
		"CREATE TABLE IF NOT EXISTS a (b TEXT)":                                          true,
		"CREATE INDEX a ON b (c)":                                                        true,
		"ALTER TABLE a ADD COLUMN b TEXT NOT NULL DEFAULT ''":                            true,
		"ALTER TABLE a ADD COLUMN b TEXT":                                                true,
		"INSERT INTO a (b) VALUES ('a; DROP TABLE c')":                                   true,
		"UPDATE a SET b = c":                                                             true,
		"ALTER TABLE a ADD COLUMN b TEXT NOT NULL":                                       false,
		"ALTER TABLE a ADD COLUMN b TEXT NOT NULL -- DEFAULT ''":                         false,
		"alter table a\nadd column b text not null":                                      false,
		"ALTER TABLE a ADD COLUMN b BIGINT DEFAULT 0, DROP COLUMN c":                     false,
		"ALTER TABLE a ADD COLUMN b TEXT UNIQUE":                                         false,
		"ALTER TABLE a ADD COLUMN b TEXT NOT NULL DEFAULT '' CHECK (b <> c)":             false,
		"ALTER TABLE a ADD CONSTRAINT b CHECK (c > 0)":                                   false,
		"ALTER TABLE a ALTER COLUMN b TYPE BIGINT":                                       false,
		"ALTER TABLE a RENAME TO b":                                                      false,
		"ALTER TABLE a RENAME COLUMN b TO c":                                             false,
		"DROP TABLE a":                                                                   false,
		"DROP INDEX a":                                                                   false,
		"DELETE FROM a":                                                                  false,
		"CREATE UNIQUE INDEX a ON b (c)":                                                 false,
		// of a table that is new, too
		"CREATE UNIQUE INDEX a ON x (y)":                         true,
		"CREATE UNIQUE INDEX a ON xx (y)":                        false,
		"CREATE TRIGGER a AFTER INSERT ON b BEGIN SELECT 1; END": false,
	} {
		text := "-- +goose Up\n-- why\nCREATE TABLE x (y TEXT); -- first\n" + statement +
			";\n-- +goose Down\nDROP TABLE x;\n"
		if problems := notAdditive(text); (len(problems) == 0) != allowed {
			t.Errorf("%s: %v", statement, problems)
		}
	}
}

var (
	comment = regexp.MustCompile(`--[^\n]*`)
	literal = regexp.MustCompile(`'[^']*'`)
	adds    = regexp.MustCompile(`^(CREATE TABLE |CREATE INDEX |INSERT INTO |UPDATE )`)
	added   = regexp.MustCompile(`^ALTER TABLE \S+ ADD COLUMN [^,]*$`)
	made    = regexp.MustCompile(`^CREATE TABLE (?:IF NOT EXISTS )?(\w+)`)
	unique  = regexp.MustCompile(`^CREATE UNIQUE INDEX \w+ ON (\w+)`)
	breaks  = regexp.MustCompile(`\b(UNIQUE|CHECK|REFERENCES|PRIMARY KEY)\b`)
)

// notAdditive names what the Up part of a migration does that a running program of the version before may not survive.
func notAdditive(text string) (problems []string) {
	up, _, _ := strings.Cut(text, "-- +goose Down")
	up = literal.ReplaceAllString(comment.ReplaceAllString(up, ""), "''")
	fresh := map[string]bool{} // the tables it makes: the old program has no rows there
	for statement := range strings.SplitSeq(up, ";") {
		s := strings.ToUpper(strings.Join(strings.Fields(statement), " "))
		if m := made.FindStringSubmatch(s); m != nil {
			fresh[m[1]] = true
		}
		isColumn, index := added.MatchString(s), unique.FindStringSubmatch(s)
		switch {
		case s == "" || adds.MatchString(s), index != nil && fresh[index[1]]:
		case isColumn && breaks.MatchString(s):
			problems = append(problems,
				fmt.Sprintf("a new column with a constraint refuses rows of the old program: %s", s))
		case isColumn && strings.Contains(s, "NOT NULL") && !strings.Contains(s, "DEFAULT"):
			problems = append(problems, fmt.Sprintf("a new column without DEFAULT refuses rows of the old program: %s",
				s))
		case !isColumn:
			problems = append(problems, fmt.Sprintf("only new tables, indexes and columns with DEFAULT: %s", s))
		}
	}
	return problems
}
