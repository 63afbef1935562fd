/** A value that its schema allows and another rule refuses: the field, the name of the rule, and a sentence for people. */
export type FieldRefusal = {
  code: 'field_refused';
  field: 'email' | 'password' | 'turnstile_token';
  rule: string;
  message: string;
};
