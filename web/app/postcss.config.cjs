// Widths at which the layout changes: media and container queries cannot read the theme's variables.
const variables = {
  phone: "760px", // of the window: one column from here down
  laptop: "1120px", // of the window
  "head-narrow": "900px", // of the main area: a page's head takes two lines
  "head-tight": "440px", // of the main area: the card is beside it in a small window
  "table-narrow": "620px", // of a table: minor columns go
  "mail-narrow": "1060px", // of the mail page: the column of folders goes
};

module.exports = { plugins: { "postcss-preset-mantine": {}, "postcss-simple-vars": { variables } } };
