/* Decimal numbers as the contract writes the ends of a range: exact, without floats. */
#ifndef QL_QUIZ_QUESTION_DECIMAL_H
#define QL_QUIZ_QUESTION_DECIMAL_H

/* Below 0, 0 or above 0 as left is less than, equal to or greater than right. Both are
 * texts of an optional sign, 1 to 20 digits and, behind a point, 1 to 15 more. */
int decimal_compare(const char *left, const char *right);

#endif
