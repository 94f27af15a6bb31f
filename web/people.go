package web

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"frontdesk/crmcore/people"
	"frontdesk/store"
	"frontdesk/web/api"
)

// UserInput is what a user is made or changed with; what is left out stays.
type UserInput struct {
	Login      *string            `json:"login,omitempty" minLength:"1" maxLength:"100"`
	Name       *string            `json:"name,omitempty" minLength:"1" maxLength:"200"`
	Email      *string            `json:"email,omitempty" maxLength:"320"`
	Role       *people.Role       `json:"role,omitempty" enum:"admin,user"`
	Department *string            `json:"department,omitempty" doc:"Id"`
	Locale     *string            `json:"locale,omitempty" enum:"en,ro,ru"`
	Access     *people.Access     `json:"access,omitempty" enum:"own,department,all"`
	Supervises *people.Supervised `json:"supervises,omitempty" enum:",department,all" doc:"In on whose calls the user may listen"`
	Active     *bool              `json:"active,omitempty"`
}

func (in UserInput) apply(u *people.User) {
	api.Set(&u.Login, in.Login)
	api.Set(&u.Name, in.Name)
	api.Set(&u.Email, in.Email)
	api.Set(&u.Role, in.Role)
	api.Set(&u.Department, in.Department)
	api.Set(&u.Locale, in.Locale)
	api.Set(&u.Access, in.Access)
	api.Set(&u.Supervises, in.Supervises)
	api.Set(&u.Active, in.Active)
}

// NewUserInput is a user to be.
type NewUserInput struct {
	UserInput
	Password string `json:"password" minLength:"8" maxLength:"200"`
}

// PasswordInput is a password to be.
type PasswordInput struct {
	Password string `json:"password" minLength:"8" maxLength:"200"`
}

// DepartmentInput is a department to be.
type DepartmentInput struct {
	Name   string `json:"name" minLength:"1" maxLength:"200"`
	Parent string `json:"parent,omitempty" doc:"Id"`
}

type (
	userCreate struct{ Body NewUserInput }
	userUpdate struct {
		api.ByID
		Body UserInput
	}
	passwordSet struct {
		api.ByID
		Body PasswordInput
	}
	departmentCreate struct{ Body DepartmentInput }
	departmentUpdate struct {
		api.ByID
		Body DepartmentInput
	}
)

func (s *Server) listUsers(ctx context.Context, _ *api.None) (api.Page[people.User], error) {
	return api.List(s.deps.Core.Users(ctx))
}

func (s *Server) getUser(ctx context.Context, in *api.ByID) (people.User, error) {
	return s.deps.Core.User(ctx, in.ID)
}

func (s *Server) createUser(ctx context.Context, in *userCreate) (people.User, error) {
	u := people.NewUser{
		User:     people.User{Role: people.Staff, Access: people.AccessOwn, Locale: "en", Active: true},
		Password: in.Body.Password,
	}
	in.Body.apply(&u.User)
	if err := byPerson(ctx, u.Role == people.Admin); err != nil {
		return people.User{}, err
	}
	if err := api.NoKeys(ctx, s.deps.Demo != nil); err != nil {
		return people.User{}, err
	}
	made, err := s.deps.Core.CreateUser(ctx, api.UserOf(ctx), u)
	if err == nil && made.Department != "" {
		s.deps.Directory.Announce() // calls may go out by departments
	}
	return made, err
}

func (s *Server) updateUser(ctx context.Context, in *userUpdate) (people.User, error) {
	u, err := s.deps.Core.User(ctx, in.ID)
	if err != nil {
		return u, err
	}
	before := u
	in.Body.apply(&u)
	if err := byPerson(ctx, u.Role == people.Admin &&
		(before.Role != u.Role || before.Login != u.Login || before.Email != u.Email)); err != nil {
		return u, err
	}
	if err := byPerson(ctx, api.IsAdmin(u) && u.Active && !before.Active); err != nil {
		return u, err
	}
	u, err = s.deps.Core.UpdateUser(ctx, api.UserOf(ctx), u)
	if err == nil && u.Department != before.Department {
		s.deps.Directory.Announce()
	}
	if err != nil || u.Active == before.Active {
		return u, err
	}
	err = s.deps.DB.Tx(ctx, func(tx *store.Tx) error { return s.deps.Directory.SwitchPhones(ctx, tx, u.ID, u.Active) })
	if err != nil {
		return u, err
	}
	return s.switched(ctx, u.ID)
}

// byPerson refuses what would let the holder of an API token make a log-in for himself.
func byPerson(ctx context.Context, needed bool) error {
	if needed && api.CallerOf(ctx).Token != "" {
		return huma.Error403Forbidden("An API token makes no administrators and changes no administrator's log-in: " +
			"log in for that.")
	}
	return nil
}

func (s *Server) setPassword(ctx context.Context, in *passwordSet) error {
	if err := s.deps.Core.SetPassword(ctx, api.UserOf(ctx), in.ID, in.Body.Password); err != nil {
		return err
	}
	return s.logOut(ctx, in.ID, "")
}

func (s *Server) listDepartments(ctx context.Context, _ *api.None) (api.Page[people.Department], error) {
	return api.List(s.deps.Core.Departments(ctx))
}

func (s *Server) createDepartment(ctx context.Context, in *departmentCreate) (people.Department, error) {
	return s.deps.Core.CreateDepartment(ctx, api.UserOf(ctx),
		people.Department{Name: in.Body.Name, Parent: in.Body.Parent})
}

func (s *Server) updateDepartment(ctx context.Context, in *departmentUpdate) (people.Department, error) {
	d, err := s.deps.Core.UpdateDepartment(ctx, api.UserOf(ctx),
		people.Department{ID: in.ID, Name: in.Body.Name, Parent: in.Body.Parent})
	if err == nil {
		s.deps.Directory.Announce()
	}
	return d, err
}

func (s *Server) deleteDepartment(ctx context.Context, in *api.ByID) error {
	if err := s.deps.Directory.DepartmentUnused(ctx, in.ID); err != nil {
		return err
	}
	return s.deps.Core.DeleteDepartment(ctx, api.UserOf(ctx), in.ID)
}

// switched tells all doors of all nodes that somebody may log in no more, or again.
func (s *Server) switched(ctx context.Context, user string) (people.User, error) {
	s.deps.Directory.Announce()
	u, err := s.deps.Core.User(ctx, user)
	if err == nil && !u.Active {
		err = s.logOut(ctx, user, "")
	}
	return u, err
}
