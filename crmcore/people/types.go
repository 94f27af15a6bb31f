package people

// Role of a user.
type Role string

const (
	Admin Role = "admin"
	Staff Role = "user"
)

// User is a person who works with Frontdesk.
type User struct {
	ID         string `json:"id"`
	Login      string `json:"login"`
	Name       string `json:"name"`
	Email      string `json:"email"`
	Role       Role   `json:"role"`
	Department string `json:"department"` // id
	Locale     string `json:"locale"`     // en, ro, ru
	Active     bool   `json:"active"`
	Access     Access `json:"access"`
	// Supervises is in on whose calls he may listen; admins in on all.
	Supervises Supervised `json:"supervises" enum:",department,all"`
}

// Access is which records a user sees and edits; admins see all.
type Access string

const (
	AccessOwn        Access = "own"
	AccessDepartment Access = "department" // own department and those below it
	AccessAll        Access = "all"
)

// Supervised is in on whose calls a user may listen.
type Supervised string

const (
	SupervisesNobody     Supervised = ""
	SupervisesDepartment Supervised = "department" // own department and those below it
	SupervisesAll        Supervised = "all"
)

// Department is a node of the company's tree.
type Department struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Parent string `json:"parent,omitempty"`
}

// System is the actor of what the program does on nobody's behalf, such as the first set-up. It may do everything.
func System() User { return User{Name: "Frontdesk", Role: Admin, Active: true, Access: AccessAll} }
