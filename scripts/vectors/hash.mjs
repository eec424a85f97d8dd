// Hashes what it reads as JSON from its input: a list of {library, password, ...}. Prints the list of hashes.
import { readFileSync } from "node:fs";
import bcrypt from "bcryptjs";
import firebase from "firebase-scrypt";

const libraries = {
  bcryptjs: ({ password, salt }) => bcrypt.hashSync(password, salt),
  "firebase-scrypt": ({ password, salt, parameters }) =>
    new firebase.FirebaseScrypt(parameters).hash(password, salt),
};

const asked = JSON.parse(readFileSync(0, "utf8"));
const hashes = await Promise.all(asked.map((one) => libraries[one.library](one)));
console.log(JSON.stringify(hashes));
